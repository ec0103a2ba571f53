"""The fault proxy in front of one dependency, as a replica: it is killed and comes back like any other."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import IO

import msgspec

from brownout_fleet.probe import problem_of
from brownout_fleet.program import RunningProcess, signal_group
from brownout_fleet.proxy.config import COMMAND, ProxyConfig, ProxyFailed, ProxyUp

UP_S = 20.0
"""Longest time from its start until it listens: imports take a few seconds on a busy machine."""


class ProxyProgram:
    """One proxy; see `ReplicaProgram` for the contract."""

    restart_delay_s: float | None = 0.05
    """It is ours: its absence, unless a kill was asked for, is no part of what is tested."""
    start_timeout_s: float | None = None

    def __init__(self, name: str, config: ProxyConfig) -> None:
        self.name = name
        self.identity: Mapping[str, str | None] = {
            "service": "backend",
            "breaker": None,
            "dependency": config.dependency,
        }
        self._config = config

    async def start(self, log: IO[bytes], folder: Path) -> RunningProcess:  # noqa: ARG002 - it writes no file
        """Start it, and wait until it listens. Raises OSError."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *COMMAND,
            stdin=asyncio.subprocess.PIPE,  # its lifeline
            stdout=asyncio.subprocess.PIPE,
            stderr=log,
            start_new_session=True,
        )
        try:
            up = await self._handshake(process)
        except BaseException:
            signal_group(process.pid, signal.SIGKILL)
            await process.wait()
            raise
        port = int(up.control.rpartition(":")[2])
        return RunningProcess(process, up.control, partial(problem_of, port))

    async def _handshake(self, process: asyncio.subprocess.Process) -> ProxyUp:
        if process.stdin is None or process.stdout is None:
            raise OSError("it has no pipes")
        process.stdin.write(msgspec.json.encode(self._config) + b"\n")
        try:
            async with asyncio.timeout(UP_S):
                line = await process.stdout.readline()
        except TimeoutError:
            raise OSError(f"it has not begun to listen within {UP_S:g} s") from None
        if not line:
            raise OSError("it ended before it listened")
        answer = msgspec.json.decode(line)
        if "error" in answer:
            raise OSError(msgspec.convert(answer, ProxyFailed).error)
        return msgspec.convert(answer, ProxyUp)

    async def ask_to_end(self, process: asyncio.subprocess.Process) -> None:
        """Ask it by a signal."""
        with contextlib.suppress(ProcessLookupError):
            process.terminate()

    async def kill(self, process: asyncio.subprocess.Process) -> None:
        """SIGKILL it."""
        signal_group(process.pid, signal.SIGKILL)

    async def why_late(self, process: asyncio.subprocess.Process) -> str:  # noqa: ARG002
        """Leave that to its log."""
        return ""
