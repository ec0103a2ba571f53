"""A replica whose process has ended before anybody waits for it."""

import asyncio
import contextlib
from pathlib import Path

from brownout_fleet.config import ServiceSpec, Supervision
from brownout_fleet.gunicorn_program import GunicornProgram
from brownout_fleet.local_replica import LocalReplica
from brownout_fleet.roster import Roster
from tests.fleet.aio import asynchronous

DIES = ServiceSpec("web", "no.such.module:app", "python:no.such.module", 1, {}, unix_socket=False)


class Overtaken(LocalReplica):
    """Goes on only when the process has ended, as on a machine that has no time for the fleet process."""

    async def start(self) -> None:
        """Start it, and wait for its end."""
        await super().start()
        await self.process.wait()


@asynchronous
async def test_one_that_ends_at_once_is_told_and_started_again(tmp_path: Path) -> None:
    roster = Roster()
    rules = Supervision(restart_delay_s=0.01)
    replica = Overtaken(GunicornProgram(DIES, "web-0", None), tmp_path / "web-0.log", roster, rules)
    supervising = asyncio.create_task(replica.supervise())
    told = []
    async with asyncio.timeout(20):
        async for event in roster.watch():
            told.append((event.kind, event.replica.restarts))
            if event.replica.restarts == 1:
                break
    supervising.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await supervising
    await replica.stop()

    assert told[:2] == [("appeared", 0), ("gone", 0)]
    assert told[-1][1] == 1
