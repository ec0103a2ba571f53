"""What the client's replicas answered in a run, by their own counters."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from brownout_results.measure.lateness import is_open
from brownout_results.measure.period import Period
from brownout_results.read.failures import read_failures
from brownout_results.read.run_folder import Run
from brownout_results.record import Sample

from .account import Statement
from .lives import Life, lives_of

ENDPOINT = ("GET", "/fetch")
"""What the client's replicas count; a load that asks anything else does not go to them alone."""

ANSWERED = ("error: ", "fallback", "http ", "unexpected body")
"""How causes of answers begin. Any other request that failed may not have reached a replica, or not have got
its answer back."""


def answered(run: Run) -> Statement | None:
    """Count their answers; None unless they were sampled and all of the load went to them.

    The range is what was answered before the first sample, what after the last one, what was under way when
    the load ended, and what a tunnel or a broken connection lost on either way.
    """
    lives = [life for life in lives_of(run, "client") if life.last.outcomes]
    if not lives or run.endpoints != [ENDPOINT]:
        return None
    recorded = _Recorded(run)
    low = high = 0
    for life in lives:
        before = _finished(life.first)
        low += _finished(life.last) - before
        high += _finished(life.last) - before
        high += min(before, recorded.between(run.seconds.start, life.first.second + 1))
    high += sum(recorded.between(*span) for span in _unseen(lives, run))
    return Statement(max(low - _under_way(run), 0), high + _unanswered(run))


class _Recorded:
    def __init__(self, run: Run) -> None:
        self._first = run.seconds.start
        self._counts = np.sum([*run.counts().values()], axis=0)

    def between(self, start: int, stop: int) -> int:
        """Requests that ended from second `start` to before `stop`."""
        first, last = max(start - self._first, 0), max(stop - self._first, 0)
        return int(self._counts[first:last].sum())


def _unseen(lives: Sequence[Life], run: Run) -> list[tuple[int, int]]:
    """Return the seconds in which a life may have answered requests that no sample counts."""
    begun = sorted((life.first.replica, life.first.second) for life in lives)
    spans = []
    for life in lives:
        last = life.last
        later = [second for replica, second in begun if replica == last.replica and second > last.second]
        spans.append((last.second, min(later, default=run.seconds.stop) + 1))
    return _joined(spans)


def _joined(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the spans of several lives as spans that do not overlap, in their order."""
    found: list[tuple[int, int]] = []
    for start, stop in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = found[-1][0], max(found[-1][1], stop)
        else:
            found.append((start, stop))
    return found


def _finished(sample: Sample) -> int:
    return sum(sample.outcomes.values())


def _under_way(run: Run) -> int:
    """Count the requests that were cut off when the load ended: in closed loop at most one a user."""
    if not len(run.load):
        return 0
    if is_open(run.load):
        ends = (event for event in run.events if event.get("kind") == "load")
        return sum(int(event.get("cut_off") or 0) for event in ends)
    return int(run.load.ints("users").max())


def _unanswered(run: Run) -> int:
    failures = read_failures(run.folder)
    unknown = sum(one.occurrences for one in failures if not one.error.startswith(ANSWERED))
    return max(unknown, Period.everything(run).outcomes()["tunnel"])
