"""Conditions that end a load early: `availability < 50% for 10s`.

A condition is what must not be, so it reads the other way round than a threshold. It has to hold in each of
so many seconds in a row; a second in which nothing was answered says nothing about shares and latencies, and
leaves the count as it is. Pure: seconds come in, the word to end comes out.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from brownout_panel.measures import RecordedSecond
from brownout_terms.durations import DurationError, parse_duration, write_duration
from brownout_terms.numbers import amount
from brownout_terms.outcomes import DEGRADED, OUTCOMES
from brownout_terms.shares import ShareError, measured_share, parse_share
from brownout_terms.texts import short

EXAMPLE = "availability < 50% for 10s"
DEFAULT_S = 10.0
"""How long a condition has to hold that does not say so: a breaker may open and close meanwhile."""

OPERATORS: dict[str, Callable[[float, float], bool]] = {
    "<=": operator.le,
    ">=": operator.ge,
    "<": operator.lt,
    ">": operator.gt,
}

_TEXT = re.compile(r"\s*([\w.]+)\s*(<=|>=|<|>)\s*(.+?)(?:\s+for\s+(\S.*?))?\s*")
_PERCENTILE = re.compile(r"p(\d{1,2}(?:\.\d{1,3})?)")

Take = Callable[[RecordedSecond], float | None]


def _share(*kinds: str) -> Take:
    def take(row: RecordedSecond) -> float | None:
        counts: dict[str, int] = {kind: getattr(row.second, kind) for kind in OUTCOMES}
        requests = sum(counts.values())
        return sum(counts[kind] for kind in kinds) / requests if requests else None

    return take


SHARES: dict[str, Take] = {
    "availability": _share("ok"),
    "ok_ratio": _share("ok"),
    "degraded_availability": _share(*DEGRADED),
    "degraded_ratio": _share(*DEGRADED),
    "fallback_ratio": _share("fallback"),
    "error_ratio": _share("error"),
    "tunnel_ratio": _share("tunnel"),
}
RATES: dict[str, Take] = {
    "throughput": lambda row: row.second.throughput,
    "goodput": lambda row: row.second.goodput,
    "dropped": lambda row: row.second.dropped,
}
"""What is counted in a second, so that its number is per second."""

KNOWN = ", ".join([*SHARES, *RATES, "and any percentile, such as p95"])


class AbortError(ValueError):
    """A condition that can't be meant; the message quotes it and says what is allowed."""


@dataclass(frozen=True)
class Abort:
    """A condition under which the load ends early."""

    text: str
    take: Take
    holds: Callable[[float, float], bool]
    limit: float
    seconds: int
    """In how many seconds in a row it has to hold."""
    show: Callable[[float], str]

    def is_so(self, row: RecordedSecond) -> bool | None:
        """Whether it holds in a second; None if the second does not tell."""
        value = self.take(row)
        return None if value is None else self.holds(value, self.limit)


def parse_abort(text: str) -> Abort:
    """Return the condition that was typed. Raises AbortError."""
    found = _TEXT.fullmatch(text)
    if found is None:
        raise AbortError(f'"{short(text)}" is no condition; write METRIC < NUMBER for TIME, as in {EXAMPLE}')
    name, sign, limit, time = found.groups()
    try:
        seconds = parse_duration(time) if time else DEFAULT_S
        take, value, show = _measured(name, limit)
    except (DurationError, ShareError) as error:
        raise AbortError(f'"{short(text)}": {error}') from None
    if seconds < 1 or seconds % 1:
        raise AbortError(f'"{short(text)}": a condition holds for whole seconds, 1 at least; write for 10s')
    written = f"{name} {sign} {limit} for {write_duration(seconds)}"
    return Abort(written, take, OPERATORS[sign], value, int(seconds), show)


def _measured(name: str, limit: str) -> tuple[Take, float, Callable[[float], str]]:
    if name in SHARES:
        return SHARES[name], parse_share(limit), measured_share
    if name in RATES:
        typed = limit.removesuffix("/s")
        if not re.fullmatch(r"\d{1,12}(\.\d{1,6})?", typed):
            raise AbortError(f'"{short(limit)}" is no number of {name}; write {name} < 5/s for 10s')
        return RATES[name], float(typed), lambda value: amount(value, "/s")
    if percentile := _PERCENTILE.fullmatch(name):
        percent = float(percentile[1])

        def take(row: RecordedSecond) -> float | None:
            return row.latency.percentiles_us([percent])[0] / 1e6 if row.latency.count else None

        return take, parse_duration(limit, "ms"), lambda value: f"{value * 1000:.4g} ms"
    raise AbortError(f'"{short(name)}" is not a metric that can end a load; allowed: {KNOWN}')


class AbortWatch:
    """Counts the seconds in which conditions hold, and says once which of them ends the load."""

    def __init__(self, aborts: Sequence[Abort], end: Callable[[Abort, str], None]) -> None:
        """`end` gets the condition that holds long enough, and why in words."""
        self._aborts = aborts
        self._end = end
        self._held = [0] * len(aborts)
        self._has_ended = False

    def begin(self) -> None:
        """A run begins: what held before counts no more."""
        self._held = [0] * len(self._aborts)
        self._has_ended = False

    def add(self, row: RecordedSecond) -> None:
        """Take in a second that is over."""
        for at, abort in enumerate(self._aborts):
            is_so = abort.is_so(row)
            if is_so is not None:
                self._held[at] = self._held[at] + 1 if is_so else 0
            if self._held[at] >= abort.seconds and not self._has_ended:
                self._has_ended = True
                value = abort.take(row)
                last = "" if value is None else f", {abort.show(value)} at last"
                self._end(abort, f'"{abort.text}" held{last}')
