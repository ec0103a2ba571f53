"""What the client's replicas answered in a run, and what the forwarder before them passed on.

Both have counters of their own. They count on while nobody looks, and are asked once a second:
each states a range.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from brownout_results.measure.lateness import is_open
from brownout_results.measure.period import Period
from brownout_results.read.failures import read_failures
from brownout_results.read.run_folder import Run
from brownout_results.record import Sample
from brownout_results.record.table_rows import REDIRECTS, UNREADABLE

from .account import Statement
from .lives import Life, lives_of, lives_of_forwarder

ENDPOINT = ("GET", "/fetch")
"""What the client's replicas count; a load that asks anything else does not go to them alone."""

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
"""What Locust calls requests of HTTP."""

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
    return _counted(run, lives, _finished)


def forwarded(run: Run) -> Statement | None:
    """Count the answers that the forwarder passed on or gave itself; None where there is none, or where the
    load may have gone elsewhere as well, or spoke another protocol.

    The range is the replicas'. A redirect may be one that the client followed, without a request of its own.
    """
    lives = lives_of_forwarder(run, "client")
    unreadable = any(life.last.outcomes.get(UNREADABLE) for life in lives)
    if not lives or unreadable or not _is_for_one_service(run):
        return None
    return _counted(run, lives, lambda sample: sample.requests or 0, _redirects)


def _is_for_one_service(run: Run) -> bool:
    """Whether all of the load went to the service under test.

    Of a service of the user's nothing counts but the forwarder, and paths are what tells: a request that has
    another name, or that is none of HTTP's, may have gone anywhere.
    """
    if run.endpoints == [ENDPOINT]:
        return True
    if any(life.last.outcomes for life in lives_of(run, "client")):
        return False
    return all(method in METHODS and name.startswith("/") for method, name in run.endpoints)


def _counted(
    run: Run,
    lives: Sequence[Life],
    count: Callable[[Sample], int],
    uncertain: Callable[[Sample], int] = lambda _: 0,
) -> Statement:
    """Return the range of what these counted in the run; `uncertain` counts what may be no request's end."""
    recorded = _Recorded(run)
    low = high = 0
    for life in lives:
        before = count(life.first)
        low += count(life.last) - before
        high += count(life.last) - before
        high += uncertain(life.last) - uncertain(life.first)
        high += min(before, recorded.between(run.seconds.start, life.first.second + 1))
    high += sum(recorded.between(*span) for span in _unseen(lives, run))
    return Statement(max(low - _under_way(run), 0), high + _unanswered(run))


def _redirects(sample: Sample) -> int:
    return sample.outcomes.get(REDIRECTS, 0)


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
