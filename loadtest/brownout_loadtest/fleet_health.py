"""Asks the fleet process each second how it is: all of the load goes through it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any, NoReturn, Protocol

import gevent
from requests import ConnectionError  # noqa: A004 - nobody answers, not even late

from brownout_fleet.client import FleetClient
from brownout_fleet.model import FleetError
from brownout_loadtest.stall_events import EVENT, REPLICAS, fields_of, pending_fields
from brownout_terms.health import Readings


class StallNotes(Protocol):
    """A recorder that writes down what is found."""

    def event(self, kind: str, **fields: Any) -> None: ...
    def stalls(self, process: str, found: Sequence[tuple[float, float]]) -> None: ...
    def health(self, part: str, at: float, told: Readings, took_ms: float | None = None) -> None: ...


NAME = "fleet process"
ANSWER_S = 1.0
"""An answer later than this is missed: it takes a millisecond."""


class FleetHealth:
    """Notes the stalls of the fleet process on the run's timeline, also one that goes on."""

    def __init__(self, client: FleetClient, recorder: StallNotes, wall: Callable[[float], float]) -> None:
        """`wall` gives the run's time of a moment of the monotonic clock."""
        self._client = FleetClient(client.url, client.token)
        self._recorder = recorder
        self._wall = wall
        self._since = time.monotonic()
        """When the fleet process was last known to live."""
        self._is_missed = False

    def follow(self) -> NoReturn:
        """Ask for good, from a greenlet."""
        while True:
            self._ask()
            gevent.sleep(1.0 - self._wall(time.monotonic()) % 1.0)  # as a second of the run ends

    def _ask(self) -> None:
        asked = time.monotonic()
        try:
            health = self._client.health(self._since, ANSWER_S)
        except FleetError as error:
            if time.monotonic() - asked < 2 * ANSWER_S:  # else it was this process that stalled
                self._miss(is_gone=isinstance(error.__cause__, ConnectionError))
            return
        self._recorder.stalls(NAME, [(self._wall(start), end - start) for start, end in health.stalls])
        if self._is_missed:  # it lives again: if none of these was long, its answer was only late
            self._recorder.event(EVENT, **fields_of(NAME, self._wall(health.now), 0.0))
        self._since, self._is_missed = health.now, False
        at, took_ms = self._wall(health.now), 1000 * (time.monotonic() - asked)
        self._recorder.health(NAME, at, health.readings, took_ms)
        if health.children_cpu_ms:
            self._recorder.health(REPLICAS, at, {"cpu_ms": health.children_cpu_ms})

    def _miss(self, *, is_gone: bool) -> None:
        if not self._is_missed:
            self._is_missed = True
            since = self._wall(self._since)
            self._recorder.event(EVENT, **pending_fields(NAME, since, is_gone=is_gone))
