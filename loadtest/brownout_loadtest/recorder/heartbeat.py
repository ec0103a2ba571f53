"""Watches gevent's loop of this process: while it stalls, no request is sent, answered or timed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import NoReturn

import gevent

from brownout_terms.health import QUEUE_MS, Readings, readings
from brownout_terms.stalls import BEAT_S, Heartbeat, Stall

from .clock import RunClock


class LoopWatch:
    """Beats in a greenlet of the loop that it watches."""

    def __init__(self, clock: RunClock, oldest_wait_s: Callable[[], float]) -> None:
        """`oldest_wait_s` asks for how long the oldest arrival has been due that has not started."""
        self._clock = clock
        self._oldest_wait_s = oldest_wait_s
        self.begin()

    def begin(self) -> None:
        """Forget what was before the run."""
        self._taken = time.monotonic()
        self._heart = Heartbeat(self._taken)
        self._second = int(self._clock.now())
        self._readings: list[tuple[float, Readings]] = []
        self._read(self._clock.now())

    def watch(self) -> NoReturn:
        """Beat until the greenlet is killed."""
        while True:
            gevent.sleep(BEAT_S)
            self._heart.beat(time.monotonic())
            if (now := self._clock.now()) >= self._second + 1:
                self._read(now)

    def take(self) -> Iterator[tuple[float, float]]:
        """Yield the start, in seconds since the epoch, and the length of each stall since the last take."""
        now = time.monotonic()
        self._heart.beat(now)  # whoever takes may run before the beat that is due
        since, self._taken = self._taken, now
        for stall in self._heart.since(since):
            yield self._wall(stall), stall.seconds

    def take_readings(self) -> list[tuple[float, Readings]]:
        """Return what this process told of its health since this was asked last, and when."""
        found, self._readings = self._readings, []
        return found

    def _read(self, now: float) -> None:
        """Once a second, as it ends."""
        self._second = int(now)
        self._readings.append((now, {**readings(), QUEUE_MS: 1000 * self._oldest_wait_s()}))

    def _wall(self, stall: Stall) -> float:
        return self._clock.now() - (time.monotonic() - stall.start)
