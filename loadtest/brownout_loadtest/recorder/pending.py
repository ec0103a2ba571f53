"""Gathers what several processes recorded of the same second, until that second can be written."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

from brownout_results.record import Histogram

from .tally import Key, SecondTally

AHEAD_S = 2
"""A worker whose clock is further ahead than this is not waited for: its seconds are written as they come."""


class Pending:
    """Parts of seconds that are not over yet."""

    def __init__(self) -> None:
        self._seconds: dict[int, dict[Key, list[SecondTally]]] = defaultdict(lambda: defaultdict(list))

    def add(self, parts: Iterable[SecondTally]) -> None:
        """Take in what a process recorded, of whatever seconds."""
        for part in parts:
            self._seconds[part.second][part.key].append(part)

    def take(self, closed: int, *, everything: bool = False) -> list[SecondTally]:
        """One part for each second before `closed` (or all of them) and key; nothing is kept of them.

        What comes after its second was taken makes a part of its own, at the next take.
        """
        return list(self._take(closed, everything))

    def _take(self, closed: int, everything: bool) -> Iterator[SecondTally]:
        for second in sorted(self._seconds):
            if closed <= second <= closed + AHEAD_S and not everything:
                continue
            for key, parts in sorted(self._seconds.pop(second).items()):
                yield _sum(second, key, parts)


def _sum(second: int, key: Key, parts: list[SecondTally]) -> SecondTally:
    service = Histogram.sum(part.service for part in parts)
    waited = any(part.latency is not part.service for part in parts)
    latency = Histogram.sum(part.latency for part in parts) if waited else service
    causes: Counter[str] = Counter()
    for part in parts:
        causes.update(part.causes)
    untimed = sum(part.untimed for part in parts)
    return SecondTally(second, key, latency, service, causes, untimed)
