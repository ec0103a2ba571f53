"""Who sends which arrival when several workers carry one open-loop load: pure.

Every worker computes the same schedule and takes the arrivals whose number is its own, modulo the workers'
count: together they send exactly the schedule, however many they are. A new share is announced with the
second from which it holds, a little ahead, so that at the hand-over no arrival goes out twice or not at all.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

LEAD_S = 1.0
"""How far ahead the master announces new shares."""

DECIDE_S = 0.5
"""How far ahead a worker decides whether an arrival is its own: half of the lead is left to the message."""

LEASE_S = 5.0
"""Time that a share holds without a word from the master, who gives up a silent worker after 3 to 4 s and
shares anew a second later. A worker that was cut off for longer must not send what others send by then."""


@dataclass(frozen=True)
class ArrivalShare:
    """Every `count`-th arrival, beginning with number `index`, of those due from second `since` on."""

    since: float
    index: int | None
    """None: no arrivals at all."""
    count: int

    def has(self, number: int) -> bool:
        """Whether arrival `number` belongs to the share."""
        return self.index is not None and number % self.count == self.index


class Shares:
    """One worker's share over time, as announced. Seconds count from the start of the schedule."""

    def __init__(self) -> None:
        self._announced: list[ArrivalShare] = []
        self._heard = 0.0

    def announce(self, share: ArrivalShare) -> None:
        """Take up a share; it replaces whatever was announced for its time and later."""
        self._announced = [old for old in self._announced if old.since < share.since] + [share]

    def heard(self, second: float) -> None:
        """Note a word from the master."""
        self._heard = max(self._heard, second)

    def keep_for_good(self) -> None:
        """Need no word from a master: there is none."""
        self._heard = math.inf

    def mine(self, number: int, due: float) -> bool:
        """Whether arrival `number`, due in second `due`, is this worker's to send. Ask in order of due."""
        while len(self._announced) > 1 and self._announced[1].since <= due:
            del self._announced[0]
        current = self._announced[0] if self._announced else None
        if current is None or current.since > due or self.is_cut_off(due):
            return False
        return current.has(number)

    def is_cut_off(self, second: float) -> bool:
        """Whether the master has been silent for longer than a share holds."""
        return second > self._heard + LEASE_S


def deal(workers: list[str], since: float) -> dict[str, ArrivalShare]:
    """A share for each worker; which gets which follows from their sorted names alone."""
    return {name: ArrivalShare(since, index, len(workers)) for index, name in enumerate(sorted(workers))}
