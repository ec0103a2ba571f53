"""What replicas tell of their own loops and processor time, in `health` of their /status.

Counters become what they grew by since the replica told last; each long stall is told once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from brownout_loadtest.stall_events import target_fields

Growth = dict[str, Any]
"""Figures of a replica's row in samples.csv, by column."""


class ToldStall(msgspec.Struct):
    """A stall of a replica's loop."""

    number: int
    at: float
    """Seconds since the epoch, by the replica's clock."""

    seconds: float


class ToldHealth(msgspec.Struct):
    """What a replica tells; the two times are counters."""

    stalled_ms: float
    cpu_ms: float
    descriptors_free: float | None = None
    stalls: list[ToldStall] = []


class ReplicaHealths:
    """The health of all replicas, for one run."""

    def __init__(self, since: float, note: Callable[[dict[str, object]], None]) -> None:
        """`note` gets the fields of the event of each long stall that began after `since`."""
        self._since = since
        self._note = note
        self._told: dict[tuple[str, str], ToldHealth] = {}
        self._noted: dict[tuple[str, str], int] = {}

    def take(self, service: str, name: str, boot_id: str, told: object) -> Growth:
        """Take in what a replica has told, and return the figures of its row; none if it tells nothing.

        A service of somebody else's may have a `health` of another shape.
        """
        try:
            health = msgspec.convert(told, ToldHealth)
        except msgspec.ValidationError:
            return {}
        key = name, boot_id
        before, self._told[key] = self._told.get(key), health
        for stall in health.stalls:
            if stall.number > self._noted.get(key, 0):
                self._noted[key] = stall.number
                if stall.at >= self._since:
                    self._note(target_fields(name, service, stall.at, stall.seconds))
        growth: Growth = {}
        if before is not None:
            growth = {
                "stalled_ms": health.stalled_ms - before.stalled_ms,
                "cpu_ms": health.cpu_ms - before.cpu_ms,
            }
        if health.descriptors_free is not None:
            growth["descriptors_free"] = health.descriptors_free
        return growth
