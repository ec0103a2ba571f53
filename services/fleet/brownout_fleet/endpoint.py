"""Where the Docker engine of this machine listens."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Mapping

from brownout_fleet.model import FleetError

CONTEXT_TIMEOUT_S = 5.0


async def socket_of(environ: Mapping[str, str] = os.environ) -> str:
    """The path of the engine's socket: of DOCKER_HOST, else of the `docker` command's present context."""
    if host := environ.get("DOCKER_HOST"):
        return path_of(host, "DOCKER_HOST")
    if shutil.which("docker") is None:
        return "/var/run/docker.sock"  # in a container of the harness, which is given the socket alone
    command = ["docker", "context", "inspect", "--format", "{{.Endpoints.docker.Host}}"]
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(CONTEXT_TIMEOUT_S):
            output, error = await process.communicate()
    except TimeoutError:
        process.kill()
        await process.wait()
        raise FleetError(f"`{' '.join(command)}` did not answer within {CONTEXT_TIMEOUT_S:g} s") from None
    if process.returncode:
        raise FleetError(
            f"Docker's context can't be read: {error.decode(errors='replace').strip()}\n\n"
            "Choose one that exists: docker context ls; docker context use NAME"
        )
    return path_of(output.decode().strip(), "the docker command's context")


def path_of(host: str, source: str) -> str:
    """The socket's path of a URL such as unix:///var/run/docker.sock. Raises FleetError."""
    if not host.startswith("unix://"):
        raise FleetError(
            f'{source} says "{host}", and the fleet needs one on this machine, since its replicas\' ports '
            "are on that machine's loopback.\n\nUse it with: DOCKER_HOST=unix:///var/run/docker.sock"
        )
    return host.removeprefix("unix://")
