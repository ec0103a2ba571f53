"""Seconds in which a part of brownout stood still: they say nothing of the service, and are in no figure.

A request that was under way meanwhile may end long after: its latency contains the stall. So the seconds go
on until every request that ends in them has begun after the stall.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from brownout_results.measure.phases import whole_seconds
from brownout_results.read.run_folder import Run
from brownout_results.record import LATENCY
from brownout_results.record.timestamps import seconds_of
from brownout_terms.stalls import LEFT_OUT_S

EVENT = "stall"
SERVICE = "service"
"""Field of the stall of a replica, which is the target's: its service."""

SUSPEND_EVENT = "suspend"

BESIDE = "experiment"
"""The process that sets faults: while it stands still they last longer, and requests go on."""

BUSY_MS = 1000 * LEFT_OUT_S
"""A second in which short stalls come to as much as this is the harness's too: the machine was busy."""

LONGEST_WAIT_S = 120
"""How long after a stall a request is believed to have waited for it."""


@dataclass(frozen=True)
class HarnessStall:
    """A part of brownout did nothing; times are seconds since the epoch."""

    process: str
    start: float
    end: float
    is_gone: bool = False
    """Whether it had ended, and did not come back."""

    is_target: bool = False
    """Whether it is a replica of the service under test: then it is no part of brownout."""

    @property
    def seconds(self) -> float:
        """How long."""
        return self.end - self.start

    def since(self, origin: float) -> HarnessStall:
        """The same with times in seconds since an origin."""
        return replace(self, start=self.start - origin, end=self.end - origin)

    def within(self, seconds: range) -> float:
        """How long in these seconds."""
        return min(self.end, seconds.stop) - max(self.start, seconds.start)


def stalls(run: Run) -> list[HarnessStall]:
    """Return the stalls, by their start. One that nobody saw end lasted to the end of the run.

    Those of replicas are apart: see target_stalls. Those of the first and the last second of load, which
    are partial, do not count: users are made and ended there, all at once.
    """
    pending: dict[str, tuple[float, bool]] = {}
    found = []
    for event, since in harness_events(run, EVENT):
        if SERVICE in event:
            continue
        process, length = str(event.get("process", "")), event.get("seconds")
        if not isinstance(length, int | float):
            pending.setdefault(process, (since, event.get("gone") is True))
            continue
        pending.pop(process, None)
        found.append(HarnessStall(process, since, since + length))
    end = float(run.seconds.stop)
    found += [HarnessStall(process, since, end, gone) for process, (since, gone) in pending.items()]
    seconds = whole_seconds(run)
    return sorted((one for one in found if one.within(seconds) >= LEFT_OUT_S), key=lambda one: one.start)


def on_the_way(found: Sequence[HarnessStall]) -> list[HarnessStall]:
    """Return those of the parts that requests pass: what else stands still is in no latency."""
    return [one for one in found if one.process != BESIDE]


def stalled_seconds(run: Run) -> list[range]:
    """Return the seconds that are the harness's, as spans that do not touch, in their order."""
    return extended(run, [*on_the_way(stalls(run)), *_busy_seconds(run), *suspends(run)])


def suspends(run: Run) -> list[HarnessStall]:
    """Return the stretches in which the machine was suspended: none of a run's clocks went on meanwhile."""
    return [
        HarnessStall("machine", since, seconds_of(event["t"]))
        for event, since in harness_events(run, SUSPEND_EVENT)
        if "t" in event
    ]


def extended(run: Run, found: Sequence[HarnessStall]) -> list[range]:
    """Return whole seconds with the stretches, and after them until what was under way has ended."""
    together: list[HarnessStall] = []
    for one in sorted(found, key=lambda one: one.start):
        if together and math.floor(one.start) <= math.floor(together[-1].end) + 1:
            last = together.pop()
            one = HarnessStall(last.process, last.start, max(last.end, one.end))  # noqa: PLW2901 - both in one
        together.append(one)
    spans: list[range] = []
    for stall in together:
        span = range(math.floor(stall.start), _last_second(run, stall) + 1)
        if spans and span.start <= spans[-1].stop:
            span = range(spans[-1].start, max(span.stop, spans.pop().stop))
        spans.append(span)
    return spans


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


def _busy_seconds(run: Run) -> list[HarnessStall]:
    """Return the seconds in which short stalls of one part add up to a long one."""
    rows = run.harness
    parts = rows.text("replica")
    keys = np.stack([rows.ints("second"), parts.codes.astype(np.int64)])
    both, at = np.unique(keys, axis=1, return_inverse=True)
    is_on_the_way = np.array([name != BESIDE for name in parts.names], bool)[parts.codes]
    stalled = np.where(is_on_the_way, np.nan_to_num(rows.floats("stalled_ms")), 0.0)
    stalled_ms = np.bincount(at.ravel(), stalled, both.shape[1])
    return whole(run, both[0, stalled_ms >= BUSY_MS].tolist())


def whole(run: Run, found: Sequence[int]) -> list[HarnessStall]:
    """Return these seconds of the load as stretches that last nearly to their end, each once."""
    seconds = whole_seconds(run)
    return [
        HarnessStall("", second, second + 1.0 - LEFT_OUT_S)
        for second in sorted({*found})
        if second in seconds
    ]


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


def harness_events(run: Run, kind: str) -> Iterator[tuple[Mapping[str, Any], float]]:
    """Yield the events of a kind, and since when, in seconds since the epoch."""
    for event in run.events:
        if event.get("kind") == kind:
            try:
                yield event, seconds_of(event["since"])
            except (KeyError, TypeError, ValueError):
                continue
