"""How much of a run is the harness's."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from brownout_results.measure.phases import load_seconds, overlap, whole_seconds
from brownout_results.measure.units import RATIO
from brownout_results.read.run_folder import Run
from brownout_terms.stalls import LONG_S

from .busy import unfair_seconds
from .stalls import HarnessStall, on_the_way, stalled_seconds, stalls, without

FIGURE = (
    "harness_share",
    "share of the seconds of load that are the harness's: a part of brownout stalled, or had too little time",
    RATIO,
    "there was no load, or it is a phase: only a whole run has it",
)
"""Key, meaning, unit and lack of the figure."""


def harness_share(run: Run) -> float | None:
    """Return the share of the seconds of load that are the harness's; None without load."""
    stalled = stalled_seconds(run)
    seconds = load_seconds(run)
    lost = overlapping(run, stalled) + overlapping(run, without(unfair_seconds(run), stalled))
    return lost / len(seconds) if seconds else None


def overlapping(run: Run, spans: Sequence[range]) -> int:
    """Return how many of the seconds have load."""
    return sum(map(len, overlap(spans, load_seconds(run))))


def stalled_share(run: Run) -> float:
    """Return the share of the load's time in long stalls of the part of brownout that had most of them."""
    seconds = whole_seconds(run)
    total: defaultdict[str, float] = defaultdict(float)
    for one in long_stalls(run):
        total[one.process] += one.within(seconds)
    return max([0.0, *total.values()]) / max(len(seconds), 1)


def long_stalls(run: Run) -> list[HarnessStall]:
    """Return those that are worth a word each."""
    return [one for one in on_the_way(stalls(run)) if one.within(whole_seconds(run)) >= LONG_S]
