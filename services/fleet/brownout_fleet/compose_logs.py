"""Keeps what a container writes, life after life, in the replica's own log file."""

from __future__ import annotations

import asyncio
import logging
import time
from pathlib import Path

import aiohttp

from brownout_fleet.container import Container
from brownout_fleet.engine import Engine

logger = logging.getLogger(__name__)


async def keep_log(engine: Engine, container: Container, path: Path, life: str) -> None:
    """Append the output of one life to `path` until it ends."""
    now = time.strftime("%FT%TZ", time.gmtime(container.started_at))
    with path.open("ab", buffering=0) as log:
        log.write(f"--- {life}, {now}, container {container.id[:12]}\n".encode())
        try:
            async for piece in engine.logs(container.id, container.log_since):
                log.write(piece)
        except (aiohttp.ClientError, asyncio.IncompleteReadError) as error:
            logger.warning("the log of %s broke off: %s", life, error)
