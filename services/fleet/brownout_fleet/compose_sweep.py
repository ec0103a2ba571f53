"""Removes what is left of one of our Compose projects when the fleet process could not do it itself.

    python -m brownout_fleet.compose_sweep SOCKET PROJECT

Containers don't end with the process that asked for them. So the fleet process starts this one first, with a
pipe for its lifeline, and ends it when all is removed. The pipe ends when the fleet process was killed and
Compose, which holds it too, has nothing more to ask for.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from brownout_fleet.engine import Engine

ROUNDS_S = (0.0, 1.0, 3.0, 10.0)
"""Pauses before each check: Compose's last request may not be done yet, or the engine may be busy."""


async def remove_project(engine: Engine, project: str, grace_s: float | None = None) -> None:
    """Stop (with `grace_s`) or kill, then remove every container of a project, its networks and volumes.

    Compose 1.29 makes every volume of the file, also those of services that it does not start.
    """
    ids = await engine.containers(project)
    if grace_s is not None:
        await asyncio.gather(*(engine.stop(one, grace_s) for one in ids), return_exceptions=True)
    await asyncio.gather(*(engine.remove(one) for one in ids), return_exceptions=True)
    await engine.remove_networks(project)
    await engine.remove_volumes(project)


async def sweep(socket: str, project: str) -> None:
    """Remove a project, and look again for what was on its way."""
    from brownout_fleet.engine import Engine
    from brownout_fleet.model import FleetError

    async with Engine(socket) as engine:
        for pause_s in ROUNDS_S:
            await asyncio.sleep(pause_s)
            with contextlib.suppress(FleetError):  # the engine may be restarting: the next round
                await remove_project(engine, project)


if __name__ == "__main__":
    sys.stdin.buffer.read()
    asyncio.run(sweep(*sys.argv[1:]))
