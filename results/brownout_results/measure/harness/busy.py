"""Seconds in which brownout went on, but with too little time: their latency says little of the service.

What ended in them is counted as ever; percentiles leave them out, as long as they are few: of a run that has
hardly another second, everything is shown, and a notice says so.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping

import numpy as np

from brownout_results.measure.lateness import LATE_MS
from brownout_results.measure.phases import load_seconds, overlap
from brownout_results.read.run_folder import Run

from .replicas import silences, target_stalls
from .stalls import BUSY_MS, HarnessStall, extended, stalls, suspends, whole

MOST_UNFAIR = 0.5
"""Share of the load's seconds whose latency may be left out; beyond, what is left is no fair sample."""

ON_THE_WAY = ("load generator", "worker", "fleet process")
"""Beginnings of the names of those that a request passes on its way."""

OURS = (*ON_THE_WAY, "replicas")
"""Those whose processor time is brownout's own doing, or the service's."""

MACHINE = "machine"
OTHERS_SHARE = 0.25
"""Share of the machine's processor time. If processes that are not ours take as much, ..."""

SHORT_OF_TIME = "too little time"
"""Name of the timeline's lane of such seconds."""

PRESSED_MS = BUSY_MS
"""Time that processes wait for a core: ... and as much of it, in the same second, then the machine was
theirs."""


def unfair_seconds(run: Run) -> list[range]:
    """Return the seconds, in spans in their order, that percentiles leave out; none if they are too many."""
    spans = extended(run, whole(run, sorted({*_waited(run), *_taken(run), *_late(run)})))
    seconds = load_seconds(run)
    share = sum(map(len, overlap(spans, seconds))) / max(len(seconds), 1)
    return spans if share <= MOST_UNFAIR else []


def shown_stalls(run: Run) -> list[HarnessStall]:
    """Return what the timeline shows: who stood still, when the machine slept, and when it had no time.

    Replicas are among them, behind brownout's own parts.
    """
    unfair = [HarnessStall(SHORT_OF_TIME, span.start, span.stop) for span in unfair_seconds(run)]
    return [*stalls(run), *suspends(run), *unfair, *target_stalls(run), *silences(run)]


def seconds_of_others(run: Run) -> int:
    """Return how many seconds of the load the machine was other processes', as far as that can be told."""
    return sum(second in load_seconds(run) for second in _taken(run))


def _waited(run: Run) -> Iterator[int]:
    """Yield the seconds in which those on a request's way waited for a core for long, all together."""
    waited = _sums(run, "waited_ms", lambda part: part.startswith(ON_THE_WAY))
    return (second for second, ms in waited.items() if ms >= BUSY_MS)


def _taken(run: Run) -> Iterator[int]:
    """Yield the seconds in which other processes than ours took the machine, if the replicas are ours."""
    names = run.harness.text("replica").names
    cores = run.manifest.get("cpu_count")
    if "replicas" not in names or not isinstance(cores, int):
        return
    ours = _sums(run, "cpu_ms", lambda part: part.startswith(OURS))
    pressed = _sums(run, "pressure_ms", lambda part: part == MACHINE)
    for second, used_ms in _sums(run, "cpu_ms", lambda part: part == MACHINE).items():
        others_ms = used_ms - ours[second]
        if others_ms >= OTHERS_SHARE * 1000 * cores and pressed[second] >= PRESSED_MS and ours[second]:
            yield second


def _late(run: Run) -> Iterator[int]:
    """Yield the seconds in which arrivals started late."""
    late_ms = run.load.floats("lateness_p99_ms")
    yield from run.load.ints("second")[np.nan_to_num(late_ms) > LATE_MS].tolist()


def _sums(run: Run, column: str, has: Callable[[str], bool]) -> Mapping[int, float]:
    """Add up a column by second, over the parts that are meant; 0 where nothing is known."""
    sums: defaultdict[int, float] = defaultdict(float)
    for second, _, value in figures_of(run, column, has):
        sums[second] += value
    return sums


def figures_of(run: Run, column: str, has: Callable[[str], bool]) -> Iterator[tuple[int, str, float]]:
    """Yield second, part and value of a column, for the parts that are meant, where it is known."""
    rows = run.harness
    part = rows.text("replica")
    meant = np.array([has(name) for name in part.names], bool)[part.codes] if len(rows) else np.empty(0, bool)
    values = rows.floats(column)
    known = meant & ~np.isnan(values)
    names = [part.names[code] for code in part.codes[known].tolist()]
    yield from zip(rows.ints("second")[known].tolist(), names, values[known].tolist(), strict=True)
