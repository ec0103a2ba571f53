"""Counts what the load meant to send and what it sent, by wall-clock second.

Offered and dropped arrivals count in the second of their intended start, started ones in that of their real
start. In closed loop there is no intention apart from the deed: offered is started.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable
from typing import TypedDict


class LoadSecond(TypedDict):
    """One second of load. Plain data: it travels from workers to the master, where they add up."""

    offered: int
    started: int
    dropped: int
    lateness_us: list[list[int]]
    """[µs, count] pairs: how long after its intended start an arrival started; two significant digits."""


def empty() -> LoadSecond:
    """A second in which nothing happened."""
    return {"offered": 0, "started": 0, "dropped": 0, "lateness_us": []}


def add(one: LoadSecond, other: LoadSecond) -> LoadSecond:
    """Both together, such as the same second on two workers."""
    lateness: Counter[int] = Counter()
    for value, count in one["lateness_us"] + other["lateness_us"]:
        lateness[value] += count
    return {
        "offered": one["offered"] + other["offered"],
        "started": one["started"] + other["started"],
        "dropped": one["dropped"] + other["dropped"],
        "lateness_us": _pairs(lateness),
    }


def percentile_us(second: LoadSecond, quantile: float) -> int | None:
    """The lateness that a share `quantile` (0 to 1) of the starts stayed within; None without starts."""
    total = sum(count for _, count in second["lateness_us"])
    rank = max(1, math.ceil(quantile * total))
    for value, count in sorted(second["lateness_us"]):
        rank -= count
        if rank <= 0:
            return value
    return None


class LoadMeter:
    """One process's counts, until they are drained."""

    def __init__(self) -> None:
        self.is_open = False
        """Whether the load is open-loop: offered are arrivals then, and no other requests."""
        self.oldest_wait_s: Callable[[], float] = lambda: 0.0
        """Asks for how long the oldest arrival has been due that has not started."""
        self._offered: Counter[int] = Counter()
        self._started: Counter[int] = Counter()
        self._dropped: Counter[int] = Counter()
        self._lateness: defaultdict[int, Counter[int]] = defaultdict(Counter)

    def offer(self, second: int) -> None:
        """An arrival was due."""
        self._offered[second] += 1

    def drop(self, second: int) -> None:
        """A due arrival found every user busy, or its user was stopped before it began."""
        self._dropped[second] += 1

    def start(self, second: int, lateness_s: float) -> None:
        """An arrival began, `lateness_s` after its intended start."""
        self._started[second] += 1
        self._lateness[second][_two_digits(lateness_s * 1e6)] += 1

    def closed_loop(self, second: int, requests: int) -> None:
        """So many requests began; in open loop that says nothing."""
        if not self.is_open:
            self._offered[second] += requests
            self._started[second] += requests

    def drain(self) -> dict[int, LoadSecond]:
        """What was counted since the last drain, by wall second. A second may come again, with the rest."""
        drained: dict[int, LoadSecond] = {
            second: {
                "offered": self._offered[second],
                "started": self._started[second],
                "dropped": self._dropped[second],
                "lateness_us": _pairs(self._lateness[second]),
            }
            for second in sorted(self._offered.keys() | self._started.keys() | self._dropped.keys())
        }
        for counts in (self._offered, self._started, self._dropped, self._lateness):
            counts.clear()
        return drained


def _pairs(counts: Counter[int]) -> list[list[int]]:
    return [[value, counts[value]] for value in sorted(counts)]


def _two_digits(value: float) -> int:
    """Rounded to two significant digits, so that a second holds few distinct values; never negative."""
    whole = max(0, round(value))
    return whole if whole < 100 else round(whole, 2 - len(str(whole)))
