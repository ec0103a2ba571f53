"""Runs `compose up` with either generation of the Compose command."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shlex
import shutil
import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from brownout_fleet.model import FleetError

COMPOSE_FILE = Path(__file__).parents[3] / "docker-compose.yml"
"""This project's own, at the top of the checkout."""
IMAGES = ("backend-service:latest", "client-service:latest")
"""The images of that file's services."""
UP_TIMEOUT_S = 120.0
"""Compose needs seconds to request containers; after two minutes the engine is stuck."""
STOP_TIMEOUT_S = 5.0
TAIL_LINES = 15


async def compose_command() -> list[str]:
    """`docker compose` where the plugin is there, else `docker-compose`. Raises FleetError."""
    if shutil.which("docker") is not None:
        process = await asyncio.create_subprocess_exec(
            *("docker", "compose", "version"),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        if await process.wait() == 0:
            return ["docker", "compose"]
    if shutil.which("docker-compose") is not None:
        return ["docker-compose"]
    raise FleetError(
        "Docker Compose is not installed.\n\nInstall it: https://docs.docker.com/compose/install/"
    )


@dataclass(frozen=True)
class UpCall:
    """One `compose up`: of which file, as which project, with how many containers of which services."""

    compose: Sequence[str]
    file: str
    project: str
    scale: Mapping[str, int]
    environ: Mapping[str, str]
    log: Path
    """File for its output."""

    def command(self) -> list[str]:
        """The command line."""
        scales = [part for name, count in self.scale.items() for part in ("--scale", f"{name}={count}")]
        options = ["-p", self.project, "-f", self.file]
        return [*self.compose, *options, "up", "-d", "--no-build", *scales, *self.scale]

    async def run(self, lifeline: int) -> None:
        """Create and start what is missing. Raises FleetError.

        Compose inherits `lifeline`, a file descriptor. When this is cancelled, it is asked to end and given
        the time: what it has asked the engine for may still come.
        """
        command = self.command()
        with self.log.open("ab") as output:
            output.write(f"$ {shlex.join(command)}\n".encode())
            output.flush()
            process = await asyncio.create_subprocess_exec(
                *command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                pass_fds=[lifeline],
                start_new_session=True,
                env={**os.environ, **self.environ},
            )
        try:
            async with asyncio.timeout(UP_TIMEOUT_S):
                code = await process.wait()
        except TimeoutError:
            raise FleetError(
                f"`{shlex.join(command)}` has not ended after {UP_TIMEOUT_S:g} s; see {self.log}"
            ) from None
        finally:
            if process.returncode is None:
                await _end(process)
        if code:
            raise FleetError(
                f"Compose could not start the services of {self.file}; it said:\n\n{_tail(self.log)}"
            )


def _tail(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-TAIL_LINES:])


async def _end(process: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(STOP_TIMEOUT_S):
            await process.wait()
            return
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    await process.wait()
