"""Files that lie beside each other and are of different runs: what is read then, and how that is told. Pure.

Nothing is computed across files that contradict each other: failures of one run are no share of the requests
of another.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

LAG_S = 15.0
"""A killed Locust leaves a history that ends so many seconds before its tables: it flushes every 10 s."""

ROUGH = 0.02
FEW = 5
"""Files of one run are written one after the other, so their counts may differ by a share and a few."""

FAILURES_OFF = 0.1
"""The table of failures may differ by so much from the count of failed requests."""


class Rank(IntEnum):
    """Which file is believed if none was named; the lowest first."""

    TABLE = 1
    HISTORY = 2
    EXPORT = 3


@dataclass(frozen=True)
class Counted:
    """How many requests a file counts."""

    file: str
    rank: Rank
    requests: int
    failed: int
    rate: float = 0.0
    """Of a history: the most requests per second that a row has."""


@dataclass(frozen=True)
class Agreement:
    """The file that is believed, and those that contradict it."""

    leader: Counted | None
    left_out: frozenset[str]
    told: Sequence[str] = ()


def agreement(files: Sequence[Counted], named: str | None) -> Agreement:
    """Compare every file with the one that was named, else with the first that counts a request."""
    order = sorted(files, key=lambda one: (one.file != named, not one.requests, one.rank))
    if not order:
        return Agreement(None, frozenset())
    leader, *others = order
    against = [one for one in others if not _agree(leader, one)]
    if leader.rank is Rank.EXPORT and any(one.rank is not Rank.EXPORT for one in against):
        # The tables are written together: one that has no count is of the same other run.
        against = [one for one in others if one in against or one.rank is not Rank.EXPORT]
    return Agreement(
        leader, frozenset(one.file for one in against), [_sentence(leader, one) for one in against]
    )


def _agree(one: Counted, other: Counted) -> bool:
    slack = FEW + ROUGH * max(one.requests, other.requests)
    if Rank.HISTORY in (one.rank, other.rank):
        slack += LAG_S * max(one.rate, other.rate)
    return abs(one.requests - other.requests) <= slack and abs(one.failed - other.failed) <= slack


def _sentence(leader: Counted, other: Counted) -> str:
    if leader.requests and not other.requests:
        return (
            f"{other.file} counts no request, and {leader.file} {leader.requests:,}: its totals were reset, "
            f"or it is of another run; {other.file} is left out"
        )
    return (
        f"{other.file} contradicts {leader.file}: it counts {_counts(other)}, and {leader.file} "
        f"{_counts(leader)}; they are of different runs, so {other.file} is left out (name it to read it)"
    )


def _counts(one: Counted) -> str:
    return f"{one.requests:,} requests and {one.failed:,} failures"


def failures_told(file: str, occurrences: int, leader: Counted | None, *, is_cut: bool) -> str:
    """Why a table of failures is of another run; empty if it is not. One that was cut off may have fewer."""
    if leader is None or (is_cut and occurrences <= leader.failed):
        return ""
    slack = FEW + FAILURES_OFF * max(occurrences, leader.failed) + LAG_S * leader.rate
    if abs(occurrences - leader.failed) <= slack:
        return ""
    return (
        f"{file} contradicts {leader.file}: it has {occurrences:,} failures, and {leader.file} counts "
        f"{_counts(leader)}; they are of different runs, so {file} is left out"
    )
