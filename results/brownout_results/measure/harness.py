"""Seconds of a run that are the harness's: a part of brownout stalled, so they say nothing of the service.

A request that was under way meanwhile may end long after: its latency contains the stall. So the seconds go
on until every request that ends in them has begun after the stall.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from brownout_results.read.run_folder import Run
from brownout_results.record import LATENCY
from brownout_results.record.timestamps import seconds_of
from brownout_terms.stalls import LEFT_OUT_S, LONG_S

from .lateness import lateness_p99_ms
from .phases import load_seconds, overlap, whole_seconds
from .units import RATIO

EVENT = "stall"
BUSY_EVENT = "busy"

FIGURE = (
    "harness_share",
    "share of the seconds of load in which a part of brownout stalled: they are in no other figure",
    RATIO,
    "there was no load, or it is a phase: only a whole run has it",
)
"""Key, meaning, unit and lack of the figure."""

MOST_STALLED = 0.2
"""Share of the load's time that a part of brownout may stand still in stalls that are long; beyond, the load
was not the one asked for. Short ones come with a busy machine: their seconds are left out, no more."""

MOST_LEFT_OUT = 0.5
"""Share of the load's seconds that may be left out of the figures; beyond, what is left is no fair sample."""

WORTH_A_NOTICE = 0.25
"""Share of the load's seconds left out that is told, though no stall was long."""

BUSY_MS = 1000 * LEFT_OUT_S
"""A second in which short stalls come to as much as this is the harness's too: the machine was busy."""

BUSY_S = 2.0
"""So long must the machine have been busy for a notice: what takes a second may be the load's own start."""

LATE_MS = 100.0
"""Lateness of the last 1 % of the arrivals from which on latency says as much of the load generator."""

LONGEST_WAIT_S = 120
"""How long after a stall a request is believed to have waited for it."""


@dataclass(frozen=True)
class HarnessStall:
    """A part of brownout did nothing; times are seconds since the epoch."""

    process: str
    start: float
    end: float

    @property
    def seconds(self) -> float:
        """How long."""
        return self.end - self.start

    def since(self, origin: float) -> HarnessStall:
        """The same with times in seconds since an origin."""
        return HarnessStall(self.process, self.start - origin, self.end - origin)

    def within(self, seconds: range) -> float:
        """How long in these seconds."""
        return min(self.end, seconds.stop) - max(self.start, seconds.start)


def stalls(run: Run) -> list[HarnessStall]:
    """Return the stalls, by their start. One that nobody saw end lasted to the end of the run.

    Those of the first and the last second of load, which are partial, do not count: users are made and
    ended there, all at once.
    """
    pending: dict[str, float] = {}
    found = []
    for event, since in _events(run):
        process, length = str(event.get("process", "")), event.get("seconds")
        if not isinstance(length, int | float):
            pending.setdefault(process, since)
            continue
        pending.pop(process, None)
        found.append(HarnessStall(process, since, since + length))
    found += [HarnessStall(process, since, float(run.seconds.stop)) for process, since in pending.items()]
    seconds = whole_seconds(run)
    return sorted((one for one in found if one.within(seconds) >= LEFT_OUT_S), key=lambda one: one.start)


def stalled_seconds(run: Run) -> list[range]:
    """Return the seconds that are the harness's, as spans that do not touch, in their order."""
    spans: list[range] = []
    for stall in sorted([*stalls(run), *_busy_seconds(run)], key=lambda one: one.start):
        span = range(math.floor(stall.start), _last_second(run, stall) + 1)
        if spans and span.start <= spans[-1].stop:
            span = range(spans[-1].start, max(span.stop, spans.pop().stop))
        spans.append(span)
    return spans


def harness_share(run: Run) -> float | None:
    """Return the share of the seconds of load that are the harness's; None without load."""
    seconds = load_seconds(run)
    lost = sum(map(len, overlap(stalled_seconds(run), seconds)))
    return lost / len(seconds) if seconds else None


def without(spans: Sequence[range], others: Sequence[range]) -> list[range]:
    """Return the seconds of the spans that are in none of the others."""
    left = list(spans)
    for other in others:
        left = [
            part
            for span in left
            for part in (
                range(span.start, min(span.stop, other.start)),
                range(max(span.start, other.stop), span.stop),
            )
            if part
        ]
    return left


def sentences(run: Run) -> list[str]:
    """Return what happened to the harness, if it is worth a notice, a sentence each."""
    told = [
        f"The {one.process} stalled for {one.seconds:.1f} s." for one in stalls(run) if one.seconds >= LONG_S
    ]
    share = harness_share(run) or 0.0
    if share > WORTH_A_NOTICE and not told:
        told = ["Parts of brownout stalled again and again: the machine was busy."]
    return [*_left_out(run, told, share), *_short_of_time(run)]


def _left_out(run: Run, told: list[str], share: float) -> list[str]:
    if told:
        lost = sum(map(len, overlap(stalled_seconds(run), load_seconds(run))))
        told.append(f"{lost} s ({share:.0%}) are the harness's, and in no figure of the service.")
    return told


def _short_of_time(run: Run) -> Iterator[str]:
    """Tell of what is in the figures, and not left out: it can't be said how much of them it is."""
    seconds = whole_seconds(run)
    spells = [
        HarnessStall("", since, since + event["seconds"])
        for event, since in _events(run, BUSY_EVENT)
        if isinstance(event.get("seconds"), int | float)
    ]
    if (busy_s := sum(max(spell.within(seconds), 0.0) for spell in spells)) >= BUSY_S:
        yield (
            f"The machine was busy for {busy_s:.0f} s: all that time some process waited for a core, "
            "and latency contains such waits."
        )
    late_ms = lateness_p99_ms(run.load)
    if late_ms is not None and late_ms > LATE_MS:
        yield (
            f"1 % of the arrivals started more than {late_ms:,.0f} ms late, which is the load generator's "
            "doing: their latency contains it."
        )


def why_too_much(run: Run) -> str | None:
    """Return why the harness had too large a part in the run; None if it hadn't."""
    left_out, stalled = harness_share(run), stalled_share(run)
    if left_out is None or (stalled <= MOST_STALLED and left_out <= MOST_LEFT_OUT):
        return None
    long = [f"the {one.process} for {one.seconds:.1f} s" for one in _long(run)]
    parts = sorted({*run.harness.text("replica").names, *(one.process for one in stalls(run))})
    who = ", ".join(long) or f"the {' and the '.join(parts)} again and again, since the machine was busy"
    return f"{left_out:.0%} of the run is the harness's, not the service's: it stalled ({who})"


def stalled_share(run: Run) -> float:
    """Return the share of the load's time in long stalls of the part of brownout that had most of them."""
    seconds = whole_seconds(run)
    long: defaultdict[str, float] = defaultdict(float)
    for one in _long(run):
        long[one.process] += one.within(seconds)
    return max([0.0, *long.values()]) / max(len(seconds), 1)


def _long(run: Run) -> list[HarnessStall]:
    return [one for one in stalls(run) if one.within(whole_seconds(run)) >= LONG_S]


def _busy_seconds(run: Run) -> list[HarnessStall]:
    """Return the seconds in which short stalls of one part add up to a long one."""
    rows = run.harness
    keys = np.stack([rows.ints("second"), rows.text("replica").codes.astype(np.int64)])
    both, at = np.unique(keys, axis=1, return_inverse=True)
    stalled_ms = np.bincount(at.ravel(), rows.floats("stalled_ms"), both.shape[1])
    seconds = whole_seconds(run)
    busy = [second for second in both[0, stalled_ms >= BUSY_MS].tolist() if second in seconds]
    return [HarnessStall("", second, second + 1.0 - LEFT_OUT_S) for second in busy]


def _last_second(run: Run, stall: HarnessStall) -> int:
    """Return the last second in which a request ended that may have been under way while it lasted."""
    second = math.floor(stall.end)
    for later in range(second + 1, min(second + LONGEST_WAIT_S, run.seconds.stop)):
        if _longest_s(run, later) <= later - stall.end:
            break
        second = later
    return second


def _longest_s(run: Run, second: int) -> float:
    histogram = run.histogram(measure=LATENCY, start=second, end=second + 1)
    return histogram.max_us / 1e6 if histogram.count else 0.0


def _events(run: Run, kind: str = EVENT) -> Iterator[tuple[Mapping[str, Any], float]]:
    for event in run.events:
        if event.get("kind") == kind:
            try:
                yield event, seconds_of(event["since"])
            except (KeyError, TypeError, ValueError):
                continue
