"""Adds to a run what Locust's exports contain beyond its tables. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from .exports import Export, Exported, percentile_of
from .history_file import Key, is_total
from .run import Floats, Lack, LocustRun, RequestStats

PERCENTS = (50.0, 66.0, 75.0, 80.0, 90.0, 95.0, 98.0, 99.0, 99.9, 99.99, 100.0)
"""Locust's own, for histograms that come without a table."""


def merged(run: LocustRun, export: Export) -> LocustRun:
    """The run with the export's target, histograms and counts by second, as far as the tables lack them."""
    given = {key: one for key, one in export.endpoints.items() if not is_total(*key)}
    known = {(part.method, part.name): part for part in run.endpoints}
    percents = run.percents or PERCENTS
    endpoints = [_part(known.get(key), key, given.get(key), percents) for key in sorted({*known, *given})]
    everything = next((one for key, one in export.endpoints.items() if is_total(*key)), None) or _sum(given)
    total = run.total if run.total.requests else None
    found = replace(
        run,
        target=run.target or export.target,
        percents=percents,
        total=_part(total, ("", ""), everything, percents),
        endpoints=endpoints,
    )
    if any(one.answered for one in given.values()) and not any(len(part.ok_in) for part in run.endpoints):
        found = _timed(found, given)
    gone = {Lack.NO_PERCENTILES} if found.total.percentiles_ms else set()
    if len(found.starts):
        gone |= (
            {Lack.NO_HISTORY, Lack.NO_ENDPOINT_HISTORY}
            if any(len(part.ok_in) for part in found.endpoints)
            else {Lack.NO_HISTORY}
        )
    return replace(found, lacks=[lack for lack in found.lacks if lack not in gone])


def _part(
    part: RequestStats | None, key: Key, one: Exported | None, percents: Sequence[float]
) -> RequestStats:
    if one is None:
        assert part is not None  # noqa: S101 - for mypy: the key is from one of both
        return part
    if part is None:
        part = RequestStats(
            method=key[0],
            name=key[1],
            requests=one.requests,
            failed=one.failed,
            mean_ms=one.mean_ms,
            min_ms=one.min_ms,
            max_ms=one.max_ms,
        )
    percentiles = part.percentiles_ms or one.percentiles_ms
    if not percentiles and one.histogram:
        percentiles = {percent: percentile_of(one.histogram, percent) for percent in percents}
    return replace(part, histogram=one.histogram or part.histogram, percentiles_ms=percentiles)


def _sum(given: Mapping[Key, Exported]) -> Exported:
    histogram: Counter[float] = Counter()
    for one in given.values():
        histogram.update(one.histogram)
    means = [(one.mean_ms, sum(one.histogram.values())) for one in given.values()]
    timed = sum(count for _, count in means)
    lows = [one.min_ms for one in given.values() if one.min_ms is not None]
    highs = [one.max_ms for one in given.values() if one.max_ms is not None]
    return Exported(
        requests=sum(one.requests for one in given.values()),
        failed=sum(one.failed for one in given.values()),
        mean_ms=sum((mean or 0.0) * count for mean, count in means) / timed if timed else None,
        min_ms=min(lows, default=None),
        max_ms=max(highs, default=None),
        histogram=dict(histogram),
    )


def _timed(run: LocustRun, given: Mapping[Key, Exported]) -> LocustRun:
    """Return the run with a row per second: an export counts each request in the second in which it ended."""
    seconds = sorted({second for one in given.values() for second in one.answered})
    rows = range(seconds[0], seconds[-1] + 1)
    counted = {key: _counts(one, rows) for key, one in given.items()}
    nothing = np.zeros(len(rows))
    return replace(
        run,
        starts=np.arange(len(rows), dtype=np.float64),
        widths=np.ones(len(rows)),
        users=_users(run, rows),
        began=float(rows.start),
        total=replace(
            run.total,
            ok_in=sum((ok for ok, _ in counted.values()), nothing),
            failed_in=sum((failed for _, failed in counted.values()), nothing),
            percentiles_in={},
        ),
        endpoints=[
            replace(part, ok_in=counted[key][0], failed_in=counted[key][1])
            if (key := (part.method, part.name)) in counted
            else part
            for part in run.endpoints
        ],
    )


def _counts(one: Exported, rows: range) -> tuple[Floats, Floats]:
    answered = np.array([one.answered.get(second, 0) for second in rows], np.float64)
    failed = np.array([one.failed_in.get(second, 0) for second in rows], np.float64)
    return answered - failed, failed


def _users(run: LocustRun, rows: range) -> Floats:
    """Return the users at the end of each row, from the history."""
    if run.began is None:
        return np.full(len(rows), np.nan)
    ends = run.began + run.starts + run.widths
    at = np.searchsorted(ends, np.arange(rows.start + 1, rows.stop + 1), "right") - 1
    return np.where(at >= 0, run.users[np.maximum(at, 0)], np.nan)
