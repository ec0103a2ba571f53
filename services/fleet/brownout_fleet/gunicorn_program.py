"""A replica of the lab's services: gunicorn on a loopback port that is bound here and handed over."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import IO

from brownout_fleet.config import ServiceSpec
from brownout_fleet.probe import problem_of
from brownout_fleet.program import RunningProcess, signal_group


class GunicornProgram:
    """One replica of a service that gunicorn serves; see `ReplicaProgram` for the contract."""

    restart_delay_s: float | None = None
    start_timeout_s: float | None = None

    def __init__(self, spec: ServiceSpec, name: str, socket_path: str | None) -> None:
        self.name = name
        self.identity: Mapping[str, str | None] = {"service": spec.name}
        self._spec = spec
        self._socket_path = socket_path

    async def start(self, log: IO[bytes], folder: Path) -> RunningProcess:
        """Start a process that listens on a fresh loopback port, and on its Unix socket if it has one.

        They are bound here and handed over, so that nobody can take the port in between; they close with the
        process, so that a dead replica refuses connections.
        """
        with contextlib.ExitStack() as ours:
            listeners = self._bound(ours)
            descriptors = [listener.fileno() for listener in listeners]
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-P", "-m", "brownout_fleet.lifeline", self._socket_path or ""),
                *(f"--bind=fd://{descriptor}" for descriptor in descriptors),
                *("-c", self._spec.config, self._spec.app),
                stdin=asyncio.subprocess.PIPE,  # the lifeline: see lifeline.py
                stdout=log,
                stderr=log,
                pass_fds=descriptors,
                start_new_session=True,
                cwd=folder,
                env={**os.environ, **self._spec.env},
            )
            port = listeners[0].getsockname()[1]
        probe = partial(problem_of, port)
        return RunningProcess(process, f"http://127.0.0.1:{port}", probe, self._socket_path)

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

    async def ask_to_end(self, process: asyncio.subprocess.Process) -> None:
        """Ask the master, which asks its worker."""
        with contextlib.suppress(ProcessLookupError):
            process.terminate()

    async def kill(self, process: asyncio.subprocess.Process) -> None:
        """SIGKILL master and worker."""
        signal_group(process.pid, signal.SIGKILL)

    async def why_late(self, process: asyncio.subprocess.Process) -> str:  # noqa: ARG002
        """Leave that to its log."""
        return ""
