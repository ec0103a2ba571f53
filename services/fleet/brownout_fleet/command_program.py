"""A replica that is a command of the user's, in any language, on a port that it is told."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import IO

from brownout_fleet.descendants import kill_descendants, listening_ports
from brownout_fleet.model import FleetError
from brownout_fleet.probe import problem_of
from brownout_fleet.program import RunningProcess, signal_group

PORT = "port"
"""Name of the port among the values that stand in a command."""


def search_path(environment: Mapping[str, str]) -> str:
    """Return where programs are looked for.

    Those beside our own Python are found last: a service is mostly installed where brownout is.
    """
    return os.pathsep.join(filter(None, (environment.get("PATH"), os.path.dirname(sys.executable))))


@dataclass(frozen=True)
class CommandProgram:
    """One replica of a command; see `ReplicaProgram` for the contract.

    `values` stand in the command and the environment as `{NAME}`.
    """

    name: str
    identity: Mapping[str, str | None]
    command: Sequence[str]
    port: int
    ready: str | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, str] = field(default_factory=dict)
    cwd: str | None = None
    start_timeout_s: float | None = None
    restart_delay_s: float | None = None

    @property
    def variables(self) -> dict[str, str]:
        """Its whole environment."""
        given = {name: self._filled(value) for name, value in self.environment.items()}
        found = {"PYTHONUNBUFFERED": "1", **os.environ, "PORT": str(self.port), **given}
        return {**found, "PATH": search_path(found)}

    @property
    def words(self) -> list[str]:
        """The command with its values."""
        return [self._filled(word) for word in self.command]

    def _filled(self, text: str) -> str:
        for name, value in {**self.values, PORT: str(self.port)}.items():
            text = text.replace(f"{{{name}}}", value)
        return text

    def check(self) -> None:
        """Check that there is such a command. Raises FleetError."""
        program = self.words[0]
        if self.cwd is not None and not os.path.isdir(self.cwd):
            raise FleetError(f'{self.name} can\'t start: there is no folder "{self.cwd}"')
        where = os.path.join(self.cwd or "", program) if os.sep in program else program
        if shutil.which(where, path=self.variables["PATH"]) is None:
            raise FleetError(
                f'{self.name} can\'t start: there is no program "{program}".\n\n'
                "Install it, or write its path in the command. Words of a shell (&&, |, cd) need one: "
                "sh -c '…'"
            )

    async def start(self, log: IO[bytes], folder: Path) -> RunningProcess:  # noqa: ARG002 - it runs in the user's
        """Start it under a guard, which ends with us."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-I", "-m", "brownout_fleet.guard", *self.words),
            stdin=asyncio.subprocess.PIPE,  # the lifeline: see guard.py
            stdout=log,
            stderr=log,
            start_new_session=True,
            cwd=self.cwd,
            env=self.variables,
        )
        probe = partial(problem_of, self.port, path=self.ready)
        return RunningProcess(process, f"http://127.0.0.1:{self.port}", probe)

    async def ask_to_end(self, process: asyncio.subprocess.Process) -> None:
        """SIGTERM the command and what it has started."""
        signal_group(process.pid, signal.SIGTERM)

    async def kill(self, process: asyncio.subprocess.Process) -> None:
        """SIGKILL the command and what it has started, wherever that is by now."""
        if process.returncode is None:
            await asyncio.to_thread(kill_descendants, process.pid)
        signal_group(process.pid, signal.SIGKILL)

    async def why_late(self, process: asyncio.subprocess.Process) -> str:
        """Say on which ports it listens instead of its own."""
        others = await asyncio.to_thread(listening_ports, process.pid)
        if not others or self.port in others:
            return ""
        listed = ", ".join(map(str, others))
        return (
            f"it listens on port {listed} instead. Write {{port}} where the command takes its port, or read "
            "the variable PORT in the service"
        )
