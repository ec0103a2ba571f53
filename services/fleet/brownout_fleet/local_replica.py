"""One replica of a fleet of processes: a supervised subprocess on a loopback port."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import time
from pathlib import Path

import msgspec

from brownout_fleet.config import Supervision
from brownout_fleet.model import NotRunningError, Replica, ReplicaPhase
from brownout_fleet.program import ReplicaProgram, RunningProcess, signal_group
from brownout_fleet.readiness import watch_readiness
from brownout_fleet.roster import Roster

STOP_TIMEOUT_S = 5.0
"""Time from SIGTERM to SIGKILL. The services promise to exit within five seconds."""
LOG_TAIL_LINES = 15


class LocalReplica:
    """One name in the fleet, and the process that has it at present."""

    def __init__(self, program: ReplicaProgram, log: Path, roster: Roster, supervision: Supervision) -> None:
        self.name = program.name
        self.log = log
        self.program = program
        self._roster = roster
        self._supervision = supervision
        self._running: RunningProcess | None = None
        self._unbegun = msgspec.convert(
            {"name": self.name, "url": "", "phase": "gone", "uid": "", "started_at": 0.0, **program.identity},
            Replica,
        )
        self._replica = self._unbegun
        self._restarts = 0
        self._stopping = False
        self._is_kill_asked = False

    @property
    def start_timeout_s(self) -> float:
        """Time until it must be ready."""
        return self.program.start_timeout_s or self._supervision.start_timeout_s

    @property
    def process(self) -> asyncio.subprocess.Process:
        """The running process; raises NotRunningError between two lives."""
        if self._running is None or self._running.process.returncode is not None:
            raise NotRunningError(f"{self.name} is not running; it is about to be started again")
        return self._running.process

    async def supervise(self) -> None:
        """Start, watch, and start again after the delay, until cancelled or stopped."""
        while not self._stopping:
            try:
                await self._live()
            except OSError as error:  # no process, file descriptor or disk left: that may pass
                self._report(ReplicaPhase.GONE, f"could not be started: {error.strerror or error}")
            self._restarts += 1
            await asyncio.sleep(self._restart_delay_s())

    async def _live(self) -> None:
        await self.start()
        running = self._running
        assert running is not None  # noqa: S101 - it was started; it may have ended by now
        async with asyncio.TaskGroup() as group:
            watch = group.create_task(watch_readiness(running.probe, self._supervision, self._report))
            reason = await self._ended(running.process)
            watch.cancel()
        self._report(ReplicaPhase.GONE, reason)

    async def start(self) -> None:
        """Start a life of it."""
        with self.log.open("ab") as log:
            now = time.strftime("%FT%TZ", time.gmtime())
            log.write(f"--- {self.name}, start {self._restarts + 1}, {now}\n".encode())
            log.flush()
            self._running = running = await self.program.start(log, self.log.parent)
        started_at = time.time()
        self._replica = msgspec.structs.replace(
            self._unbegun,
            url=running.url,
            phase=ReplicaPhase.STARTING,
            uid=f"{running.process.pid}@{started_at:.3f}",
            started_at=started_at,
            restarts=self._restarts,
            socket=running.socket,
        )
        self._roster.put(self._replica)

    def _restart_delay_s(self) -> float:
        """What is the harness's own comes back soon, unless its absence was asked for."""
        own = None if self._is_kill_asked else self.program.restart_delay_s
        self._is_kill_asked = False
        return self._supervision.restart_delay_s if own is None else own

    async def kill(self) -> Replica:
        """SIGKILL all of its processes and wait until it is gone."""
        process, replica = self.process, self._replica
        self._is_kill_asked = True
        await self.program.kill(process)
        await process.wait()
        return replica

    async def stop(self) -> None:
        """SIGTERM, then SIGKILL what is left after STOP_TIMEOUT_S."""
        self._stopping = True
        if self._running is None:
            return
        process = self._running.process
        await self.program.ask_to_end(process)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), STOP_TIMEOUT_S)
        await self.program.kill(process)
        await process.wait()

    def log_tail(self) -> str:
        """The last lines that the replica wrote."""
        lines = self.log.read_text(errors="replace").splitlines()
        return "\n".join(lines[-LOG_TAIL_LINES:])

    async def why_late(self) -> str:
        """Say what stands in the way of being ready."""
        what = self._replica.reason or ""
        if self._running is None or self._running.process.returncode is not None:
            return what
        return "; ".join(filter(None, (what, await self.program.why_late(self._running.process))))

    async def _ended(self, process: asyncio.subprocess.Process) -> str:
        """Wait for the end of the process and of all that it started; says how it ended."""
        code = await process.wait()
        # The master may have been killed alone: its worker goes with it, not a second later.
        signal_group(process.pid, signal.SIGKILL)
        if process.stdin:
            process.stdin.close()
        return f"ended by {signal.Signals(-code).name}" if code < 0 else f"exited with code {code}"

    def _report(self, phase: ReplicaPhase, reason: str | None = None) -> None:
        self._replica = msgspec.structs.replace(self._replica, phase=phase, reason=reason)
        self._roster.put(self._replica)
