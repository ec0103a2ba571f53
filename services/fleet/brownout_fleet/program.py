"""What a replica of a process fleet runs: how it is started, asked whether it is ready, and ended."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol

Probe = Callable[[float], Awaitable[str | None]]
"""Asks a process, for so many seconds at most, whether it takes traffic: None, or why it doesn't."""


@dataclass(frozen=True)
class RunningProcess:
    """A process that was started."""

    process: asyncio.subprocess.Process
    url: str
    probe: Probe
    socket: str | None = None
    """Path of a Unix socket that reaches it as well."""


class ReplicaProgram(Protocol):
    """What one replica runs, life after life."""

    @property
    def name(self) -> str:
        """The replica's name."""

    @property
    def identity(self) -> Mapping[str, str | None]:
        """Fields of `Replica` that say what it is: its role, where its breakers are, and so on."""

    @property
    def restart_delay_s(self) -> float | None:
        """Time from an end that nobody asked for to the next start; None: that of any replica."""

    @property
    def start_timeout_s(self) -> float | None:
        """A process that is not ready by then has failed; None: the time of any replica."""

    async def start(self, log: IO[bytes], folder: Path) -> RunningProcess:
        """Start a process that leads a group of its own, holds a lifeline to us, and writes to `log`.

        Raises OSError.
        """

    async def ask_to_end(self, process: asyncio.subprocess.Process) -> None:
        """Ask it to finish what it does and to end."""

    async def kill(self, process: asyncio.subprocess.Process) -> None:
        """End it, and all that it has started, by SIGKILL."""

    async def why_late(self, process: asyncio.subprocess.Process) -> str:
        """Say what a process does that isn't ready in time; "" where nothing is known."""


def signal_group(pid: int, number: signal.Signals) -> None:
    """Send a signal to a whole process group, if it still is there."""
    with contextlib.suppress(ProcessLookupError, PermissionError):  # macOS says EPERM for a group of zombies
        os.killpg(pid, number)
