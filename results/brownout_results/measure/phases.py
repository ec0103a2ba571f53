"""Which seconds of a run a figure covers: all of it, a phase, and the whole seconds that rates cover.

A run folder counts by whole seconds. A second in which the load began or ended, or a phase changed, holds
only a part of what a full second would: rates leave it out, phases too.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise, zip_longest
from typing import Any

from brownout_results.read.run_folder import Run
from brownout_results.record.compact_arrays import Small
from brownout_results.record.timestamps import seconds_of

from .lateness import is_open
from .timeline import bands

PHASE = "phase"
"""Kind of the events that begin a phase; the field `name` has its name."""

BEFORE, BETWEEN, AFTER = "before", "between faults", "after"
"""Phases that follow from the faults of a run; each fault is a phase as well, called as it is written."""

MOST_DERIVED = 12


def load_seconds(run: Run) -> range:
    """Return the seconds with load, including the partial first and last one.

    They begin with the first request meant to start. They end with the last one in open loop; in closed loop
    with the last second in which users ran, though none of their requests may have ended in it.
    """
    seconds = run.load.ints("second")
    offered = _ends(seconds[run.load.ints("offered") != 0])
    answered = _ends(run.intervals.second)
    if offered and is_open(run.load):
        last = max(offered)
    else:
        used = _ends(seconds[run.load.ints("users") != 0])
        last = max([*used, *offered, *answered], default=-1)
    first = min(offered or answered, default=last + 1)
    return range(first, last + 1)


def _ends(seconds: Small) -> list[int]:
    """Return the first and the last of them; nothing if there is none."""
    return [int(seconds.min()), int(seconds.max())] if len(seconds) else []


def whole_seconds(run: Run) -> range:
    """Return the seconds that rates cover: those with load, without the first and the last."""
    seconds = load_seconds(run)
    return range(seconds.start + 1, max(seconds.stop - 1, seconds.start + 1))


def phases(run: Run) -> dict[str, list[range]]:
    """Return the whole seconds of each phase by name: several ranges if it was entered several times.

    A phase lasts from its mark to the next, the last one to the end of the run. What comes before the first
    mark belongs to none. Phases that someone asked for take the place of those marked; without either,
    phases follow from the faults that were set and cleared.
    """
    if run.named_phases is not None:
        return {name: list(spans) for name, spans in run.named_phases.items()}
    marks = sorted(mark for event in run.events if (mark := _mark(event)) is not None)
    if not marks:
        return phases_of_faults(run)
    found: dict[str, list[range]] = {}
    for (start, name), (end, _) in pairwise([*marks, (float(run.seconds.stop), "")]):
        first = math.ceil(start)
        found.setdefault(name, []).append(range(first, max(first, math.floor(end))))
    return found


def follow_from_faults(run: Run) -> bool:
    """Whether the run's phases are those of its faults: none was marked or asked for."""
    is_told = run.named_phases is not None or any(_mark(event) for event in run.events)
    return not is_told and bool(phases_of_faults(run))


def phases_of_faults(run: Run) -> dict[str, list[range]]:
    """Return the seconds before the faults, during each and after them; nothing without a fault, or if there
    are more kinds of faults than anyone compares."""
    load = load_seconds(run)
    faults = bands(run.events, float(load.start), float(len(load)))
    if not faults:
        return {}
    begins = [(0.0, BEFORE)]
    for fault, following in zip_longest(faults, faults[1:]):
        begins.append((max(fault.start, 0.0), fault.label.replace('"', "'")))
        if following is None:
            begins.append((fault.end, AFTER))
        elif fault.end < following.start:
            begins.append((fault.end, BETWEEN))
    found: dict[str, list[range]] = {}
    for (start, name), (end, _) in pairwise([*begins, (float(len(load)), "")]):
        first, last = load.start + math.ceil(start), load.start + math.floor(min(end, len(load)))
        if last > first:
            found.setdefault(name, []).append(range(first, last))
    return found if 1 < len(found) <= MOST_DERIVED else {}


def _mark(event: Mapping[str, Any]) -> tuple[float, str] | None:
    if event.get("kind") != PHASE:
        return None
    try:
        return seconds_of(event["t"]), str(event["name"])
    except (KeyError, TypeError, ValueError):
        return None


def overlap(spans: Sequence[range], other: range) -> list[range]:
    """Return the seconds of the spans that are also in the other."""
    both = [range(max(span.start, other.start), min(span.stop, other.stop)) for span in spans]
    return [span for span in both if span]
