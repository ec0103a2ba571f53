"""The local fleet: every replica a subprocess on a loopback port of its own, supervised."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec

from services.fleet.config import ServiceSpec, Supervision
from services.fleet.model import FleetError, NotRunningError, Phase, Replica, ReplicaEvent
from services.fleet.readiness import watch_readiness
from services.fleet.roster import Roster

STOP_TIMEOUT_S = 5.0
"""From SIGTERM to SIGKILL. The services promise to exit within five seconds."""
LOG_TAIL_LINES = 15
SOCKET_PATH_BYTES = 103
"""Of a Unix socket's path, at most: macOS has room for 103 bytes and the end mark, Linux for four more."""


class LocalReplica:
    """One name in the fleet, and the process that has it at present."""

    def __init__(
        self,
        spec: ServiceSpec,
        name: str,
        log: Path,
        socket_path: str | None,
        roster: Roster,
        supervision: Supervision,
    ) -> None:
        self.name = name
        self.log = log
        self._spec = spec
        self._socket_path = socket_path
        self._roster = roster
        self._supervision = supervision
        self._process: asyncio.subprocess.Process | None = None
        self._replica = Replica(name, spec.name, url="", phase=Phase.GONE, uid="", started_at=0.0)
        self._restarts = 0
        self._stopping = False

    @property
    def process(self) -> asyncio.subprocess.Process:
        """The running process; raises NotRunningError between two lives."""
        if self._process is None or self._process.returncode is not None:
            raise NotRunningError(f"{self.name} is not running; it is about to be started again")
        return self._process

    async def supervise(self) -> None:
        """Start, watch, and start again after the delay, until cancelled or stopped."""
        while not self._stopping:
            try:
                await self.start()
                async with asyncio.TaskGroup() as group:
                    watch = group.create_task(
                        watch_readiness(*self._replica.address, self._supervision, self._report)
                    )
                    reason = await self._ended()
                    watch.cancel()
            except OSError as error:  # no process, file descriptor or disk left: that may pass
                reason = f"could not be started: {error}"
            self._report(Phase.GONE, reason)
            self._restarts += 1
            await asyncio.sleep(self._supervision.restart_delay_s)

    async def start(self) -> None:
        """Start a process that listens on a fresh loopback port, and on its Unix socket if it has one.

        They are bound here and handed over, so that nobody can take the port in between; they close with the
        process, so that a dead replica refuses connections.
        """
        with contextlib.ExitStack() as ours:
            listeners = self._bound(ours)
            descriptors = [listener.fileno() for listener in listeners]
            log = ours.enter_context(self.log.open("ab"))
            now = time.strftime("%FT%TZ", time.gmtime())
            log.write(f"--- {self.name}, start {self._restarts + 1}, {now}\n".encode())
            log.flush()
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-P", "-m", "services.fleet.lifeline", self._socket_path or ""),
                *(f"--bind=fd://{descriptor}" for descriptor in descriptors),
                *("-c", self._spec.config, self._spec.app),
                stdin=asyncio.subprocess.PIPE,  # the lifeline: see lifeline.py
                stdout=log,
                stderr=log,
                pass_fds=descriptors,
                start_new_session=True,
                cwd=self.log.parent,
                env={**os.environ, **self._spec.env},
            )
            port = listeners[0].getsockname()[1]
        started_at = time.time()
        self._replica = Replica(
            name=self.name,
            service=self._spec.name,
            url=f"http://127.0.0.1:{port}",
            phase=Phase.STARTING,
            uid=f"{self._process.pid}@{started_at:.3f}",
            started_at=started_at,
            restarts=self._restarts,
            socket=self._socket_path,
        )
        self._roster.put(self._replica)

    def _bound(self, closing: contextlib.ExitStack) -> list[socket.socket]:
        tcp = closing.enter_context(socket.socket())
        tcp.bind(("127.0.0.1", 0))
        if self._socket_path is None:
            return [tcp]
        with contextlib.suppress(FileNotFoundError):  # it is there if the life before was killed
            os.unlink(self._socket_path)
        unix = closing.enter_context(socket.socket(socket.AF_UNIX))
        unix.bind(self._socket_path)
        return [tcp, unix]

    async def kill(self) -> Replica:
        """SIGKILL the whole process group and wait until it is gone."""
        process, replica = self.process, self._replica
        _signal_group(process.pid, signal.SIGKILL)
        await process.wait()
        return replica

    async def stop(self) -> None:
        """SIGTERM, then SIGKILL what is left after STOP_TIMEOUT_S."""
        self._stopping = True
        process = self._process
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), STOP_TIMEOUT_S)
        _signal_group(process.pid, signal.SIGKILL)
        await process.wait()

    def log_tail(self) -> str:
        """The last lines that the replica wrote."""
        lines = self.log.read_text(errors="replace").splitlines()
        return "\n".join(lines[-LOG_TAIL_LINES:])

    async def _ended(self) -> str:
        """Wait for the end of the process and of all that it started; says how it ended."""
        process = self.process
        code = await process.wait()
        # The master may have been killed alone: its worker goes with it, not a second later.
        _signal_group(process.pid, signal.SIGKILL)
        if process.stdin:
            process.stdin.close()
        return f"ended by {signal.Signals(-code).name}" if code < 0 else f"exited with code {code}"

    def _report(self, phase: Phase, reason: str | None = None) -> None:
        self._replica = msgspec.structs.replace(self._replica, phase=phase, reason=reason)
        self._roster.put(self._replica)


def _signal_group(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):  # macOS says EPERM for a group of zombies
        os.killpg(pid, number)


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
            late = [name for name in self._members if self._phase(name) is not Phase.READY]
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

    def _phase(self, name: str) -> Phase | None:
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
