"""What only Compose can do: bring up what a Compose file describes. Both generations of the command."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shlex
import shutil
import signal
from collections.abc import Mapping, Sequence
from pathlib import Path

from services.fleet.model import FleetError

UP_TIMEOUT_S = 60.0
"""Compose only asks for containers, in seconds; a minute is an engine that is stuck."""
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


async def up(
    compose: Sequence[str],
    file: str,
    project: str,
    scale: Mapping[str, int],
    environ: Mapping[str, str],
    log: Path,
) -> None:
    """Create and start a project's containers; its output goes to `log`. Raises FleetError.

    Cancelled, it lets Compose end by itself: what it has asked the engine for may still come, and has to be
    there to be removed.
    """
    scales = [part for service, count in scale.items() for part in ("--scale", f"{service}={count}")]
    command = [*compose, "-p", project, "-f", file, "up", "-d", "--no-build", *scales, *scale]
    with log.open("ab") as output:
        output.write(f"$ {shlex.join(command)}\n".encode())
        output.flush()
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            env={**os.environ, **environ},
        )
    try:
        async with asyncio.timeout(UP_TIMEOUT_S):
            code = await process.wait()
    except TimeoutError:
        raise FleetError(
            f"`{shlex.join(command)}` has not ended after {UP_TIMEOUT_S:g} s; see {log}"
        ) from None
    finally:
        if process.returncode is None:
            await _end(process)
    if code:
        tail = _tail(log)
        raise FleetError(f"Compose could not start the services of {file}; it said:\n\n{tail}")


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
