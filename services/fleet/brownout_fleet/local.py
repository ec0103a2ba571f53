"""The local fleet: every replica a subprocess on a loopback port of its own, supervised."""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

from brownout_fleet.config import ServiceSpec, Supervision
from brownout_fleet.local_replica import LocalReplica
from brownout_fleet.model import FleetError, Replica, ReplicaEvent, ReplicaPhase
from brownout_fleet.roster import Roster

SOCKET_PATH_BYTES = 103
"""Longest path of a Unix socket: macOS has room for 103 bytes and the end mark, Linux for four more."""


class LocalFleet:
    """Replicas as subprocesses of the fleet process; see `Fleet` for the contract."""

    def __init__(
        self, specs: list[ServiceSpec], roster: Roster, log_dir: Path, supervision: Supervision | None = None
    ) -> None:
        self._roster = roster
        self._supervision = supervision or Supervision()
        self._sockets = tempfile.TemporaryDirectory(prefix="brownout-")
        self._members = {
            name: LocalReplica(
                spec, name, log_dir / f"{name}.log", self._socket_path(spec, name), roster, self._supervision
            )
            for spec in specs
            for name in (f"{spec.name}-{index}" for index in range(spec.replicas))
        }
        self._tasks: list[asyncio.Task[None]] = []

    def _socket_path(self, spec: ServiceSpec, name: str) -> str | None:
        path = os.path.join(self._sockets.name, name)
        # Where temporary files lie too deep for one, TCP does as well.
        return path if spec.unix_socket and len(os.fsencode(path)) <= SOCKET_PATH_BYTES else None

    async def start(self) -> None:
        """Start every replica and wait until all are ready; raises FleetError, having stopped them."""
        self._tasks = [asyncio.create_task(member.supervise()) for member in self._members.values()]
        try:
            async with asyncio.timeout(self._supervision.start_timeout_s):
                await self._all_ready()
        except TimeoutError:
            late = [name for name in self._members if self._phase(name) is not ReplicaPhase.READY]
            await self.stop()
            raise FleetError(
                f"{', '.join(late)} not ready after {self._supervision.start_timeout_s:g} s.\n\n"
                f"{self._members[late[0]].log_tail()}"
            ) from None
        except FleetError:
            await self.stop()
            raise

    async def _all_ready(self) -> None:
        missing = set(self._members)
        async for event in self._roster.watch():
            replica = event.replica
            if event.kind == "gone":
                tail = self._members[replica.name].log_tail()
                raise FleetError(
                    f"{replica.name} {replica.reason} before it was ready. Its log ends with:\n\n{tail}"
                )
            if event.kind == "ready":
                missing.discard(replica.name)
            if not missing:
                return

    def _phase(self, name: str) -> ReplicaPhase | None:
        return next((r.phase for r in self._roster.replicas() if r.name == name), None)

    async def stop(self) -> None:
        """End every replica; none is left when it returns."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.gather(*(member.stop() for member in self._members.values()))
        self._sockets.cleanup()

    def replicas(self, service: str | None = None) -> list[Replica]:
        """The replicas of one service, or all, in the order of their names."""
        return self._roster.replicas(service)

    async def kill(self, name: str) -> Replica:
        """SIGKILL a replica; returns the one that ended. Raises UnknownReplicaError or NotRunningError."""
        self._roster.get(name)
        return await self._members[name].kill()

    def watch(self, since: int = 0) -> AsyncIterator[ReplicaEvent]:
        """The events after number `since`, then the new ones as they come."""
        return self._roster.watch(since)
