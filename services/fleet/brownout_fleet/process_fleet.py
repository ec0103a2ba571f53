"""A fleet of supervised subprocesses, started stage after stage."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from brownout_fleet.config import Supervision
from brownout_fleet.local_replica import LocalReplica
from brownout_fleet.model import FleetError, Replica, ReplicaEvent, ReplicaPhase
from brownout_fleet.program import ReplicaProgram
from brownout_fleet.roster import Roster


class ProcessFleet:
    """Replicas as subprocesses of the fleet process; see `Fleet` for the contract.

    A stage begins when all of the one before are ready.
    """

    def __init__(
        self,
        stages: Sequence[Sequence[ReplicaProgram]],
        roster: Roster,
        log_dir: Path,
        supervision: Supervision | None = None,
    ) -> None:
        self._roster = roster
        rules = supervision or Supervision()
        self._stages = [
            [LocalReplica(program, log_dir / f"{program.name}.log", roster, rules) for program in stage]
            for stage in stages
        ]
        self._members = {member.name: member for stage in self._stages for member in stage}
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Start every replica and wait until all are ready; raises FleetError, having stopped them."""
        try:
            for stage in filter(None, self._stages):
                await self._start(stage)
        except FleetError:
            await self.stop()
            raise

    async def _start(self, stage: Sequence[LocalReplica]) -> None:
        since = self._roster.seq
        self._tasks += [asyncio.create_task(member.supervise()) for member in stage]
        timeout_s = max(member.start_timeout_s for member in stage)
        try:
            async with asyncio.timeout(timeout_s):
                await self._all_ready({member.name for member in stage}, since)
        except TimeoutError:
            raise FleetError(await self._told_late(stage, timeout_s)) from None

    async def _told_late(self, stage: Sequence[LocalReplica], timeout_s: float) -> str:
        late = [member for member in stage if self._phase(member.name) is not ReplicaPhase.READY]
        names, why = ", ".join(member.name for member in late), await late[0].why_late()
        first = f"{names} not ready after {timeout_s:g} s" + (f": {why}." if why else ".")
        return f"{first}\n\n{late[0].log_tail()}"

    async def _all_ready(self, missing: set[str], since: int) -> None:
        async for event in self._roster.watch(since):
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

    def replicas(self, service: str | None = None) -> list[Replica]:
        """The replicas of one service, or all, in the order of their names."""
        return self._roster.replicas(service)

    async def kill(self, name: str) -> Replica:
        """SIGKILL a replica; returns the one that ended. Raises UnknownReplicaError or NotRunningError."""
        return await self._members[self._roster.meant(name).name].kill()

    def watch(self, since: int = 0) -> AsyncIterator[ReplicaEvent]:
        """The events after number `since`, then the new ones as they come."""
        return self._roster.watch(since)
