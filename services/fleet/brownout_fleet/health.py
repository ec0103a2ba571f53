"""How the fleet process itself is: it carries the load, so its stalls would look like the service's."""

from __future__ import annotations

import asyncio
import time
from typing import NoReturn

import msgspec

from brownout_terms.health import QUEUE_MS, children_cpu_ms, readings
from brownout_terms.stalls import BEAT_S, Heartbeat


class LoopHealth(msgspec.Struct, frozen=True):
    """What the fleet process says of itself; moments are of the machine's monotonic clock."""

    now: float
    stalls: list[tuple[float, float]]
    """Start and end of each stall of its loop that ended after the moment asked for."""

    readings: dict[str, float] = {}
    """Figures of this process, by the keys of brownout_terms.health."""

    children_cpu_ms: float = 0.0
    """Processor time of what it has started: the replicas of a local fleet."""


class Watchdog:
    """Beats on the loop that it watches."""

    def __init__(self) -> None:
        self._heart = Heartbeat(time.monotonic())

    async def watch(self) -> NoReturn:
        """Beat until cancelled."""
        while True:
            await asyncio.sleep(BEAT_S)
            self._heart.beat(time.monotonic())

    def health(self, since: float, oldest_wait_s: float) -> LoopHealth:
        """Say how the loop is, and how it was after a moment; `oldest_wait_s` is the age of its queue."""
        now = time.monotonic()
        self._heart.beat(now)  # a request may come before the beat that is due
        stalls = [(one.start, one.end) for one in self._heart.since(since)]
        told = {**readings(), QUEUE_MS: 1000 * oldest_wait_s}
        return LoopHealth(now, stalls, told, children_cpu_ms())
