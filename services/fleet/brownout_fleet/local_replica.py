"""One replica of the local fleet: a supervised subprocess on a loopback port of its own."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import sys
import time
from pathlib import Path

import msgspec

from brownout_fleet.config import ServiceSpec, Supervision
from brownout_fleet.model import NotRunningError, Replica, ReplicaPhase
from brownout_fleet.readiness import watch_readiness
from brownout_fleet.roster import Roster

STOP_TIMEOUT_S = 5.0
"""Time from SIGTERM to SIGKILL. The services promise to exit within five seconds."""
LOG_TAIL_LINES = 15


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
        self._replica = Replica(name, spec.name, url="", phase=ReplicaPhase.GONE, uid="", started_at=0.0)
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
            self._report(ReplicaPhase.GONE, reason)
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
                *(sys.executable, "-P", "-m", "brownout_fleet.lifeline", self._socket_path or ""),
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
            phase=ReplicaPhase.STARTING,
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
        process = self._process
        assert process is not None  # noqa: S101 - it was started; it may have ended by now
        code = await process.wait()
        # The master may have been killed alone: its worker goes with it, not a second later.
        _signal_group(process.pid, signal.SIGKILL)
        if process.stdin:
            process.stdin.close()
        return f"ended by {signal.Signals(-code).name}" if code < 0 else f"exited with code {code}"

    def _report(self, phase: ReplicaPhase, reason: str | None = None) -> None:
        self._replica = msgspec.structs.replace(self._replica, phase=phase, reason=reason)
        self._roster.put(self._replica)


def _signal_group(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):  # macOS says EPERM for a group of zombies
        os.killpg(pid, number)
