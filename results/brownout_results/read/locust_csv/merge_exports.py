"""Adds to a run what Locust's exports contain beyond its tables. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from .exported import Export, Exported, ExportedHistory, percentile_of
from .history_file import Key, is_total
from .percentile_windows import known as known_percentiles
from .run import Floats, Lack, LocustRun, RequestStats
from .running_totals import loaded
from .since_start import SinceStart

PERCENTS = (50.0, 66.0, 75.0, 80.0, 90.0, 95.0, 98.0, 99.0, 99.9, 99.99, 100.0)
"""Locust's own, for histograms that come without a table."""


def merged(run: LocustRun, export: Export) -> LocustRun:
    """The run with the export's target, histograms and counts by second, as far as the tables lack them."""
    duration_s = _duration_s(export)
    given = {key: _rated(one, duration_s) for key, one in export.endpoints.items() if not is_total(*key)}
    known = {(part.method, part.name): part for part in run.endpoints}
    percents = run.percents or PERCENTS
    endpoints = [_part(known.get(key), key, given.get(key), percents) for key in sorted({*known, *given})]
    totals = (_rated(one, duration_s) for key, one in export.endpoints.items() if is_total(*key))
    everything = next(totals, None) or _sum(given)
    total = run.total if run.total.requests else None
    found = replace(
        run,
        target=run.target or export.target,
        percents=percents,
        total=_part(total, ("", ""), everything, percents),
        endpoints=endpoints,
        failures=run.failures or export.failures,
        exceptions=run.exceptions or export.exceptions,
    )
    if export.history is not None and not len(run.starts):
        found = _drawn(found, export, export.history)
    if any(one.answered for one in given.values()) and not any(len(part.ok_in) for part in run.endpoints):
        found = _timed(found, given)
    gone = {Lack.NO_PERCENTILES} if found.total.percentiles_ms else set()
    if found.failures:
        gone.add(Lack.NO_FAILURES)
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
        part = RequestStats(method=key[0], name=key[1], requests=one.requests, failed=one.failed)
    part = replace(
        part,
        mean_ms=one.mean_ms if part.mean_ms is None else part.mean_ms,
        min_ms=one.min_ms if part.min_ms is None else part.min_ms,
        max_ms=one.max_ms if part.max_ms is None else part.max_ms,
        size=one.size if part.size is None else part.size,
        rate=one.rate if part.rate is None else part.rate,
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


def _duration_s(export: Export) -> float | None:
    """Seconds from the start to the last request; None if the export does not tell."""
    return None if export.began is None or export.ended is None else export.ended - export.began


def _rated(one: Exported, duration_s: float | None) -> Exported:
    """Requests over the duration, unless the export has a rate with less of an error: of its last digit."""
    if not duration_s or duration_s < 1 or not one.requests:
        return one
    is_rounded = one.rate is not None and one.rate == round(one.rate, 1)
    if one.rate and (not is_rounded or 0.05 / one.rate < 1 / duration_s):
        return one
    return replace(one, rate=one.requests / duration_s)


def _drawn(run: LocustRun, export: Export, history: ExportedHistory) -> LocustRun:
    """Return the run with the rows that the report's charts are made of."""
    step = float(np.median(np.diff(history.stamps))) if len(history.stamps) > 1 else 5.0
    first = history.stamps[0] - step if export.began is None else export.began
    widths = np.diff(np.concatenate([[first], history.stamps]))
    shown = np.flatnonzero(widths > 0)
    kept = loaded(history.rates[shown], history.users[shown])
    shown = shown[kept]
    if not len(shown):
        return run
    widths, rates = widths[shown], history.rates[shown]
    failed = np.minimum(history.failure_rates[shown], rates)
    return replace(
        run,
        starts=np.concatenate([[0.0], np.cumsum(widths)])[:-1],
        widths=widths,
        users=history.users[shown],
        began=float(history.stamps[shown[0]] - widths[0]) if export.is_dated else None,
        total=replace(
            run.total,
            ok_in=(rates - failed) * widths,
            failed_in=failed * widths,
            percentiles_in=known_percentiles(
                {percent: values[shown] for percent, values in history.percentiles_ms.items()}
            ),
        ),
        lacks=[*run.lacks, Lack.RATES_SMOOTHED, Lack.NO_ENDPOINT_HISTORY],
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
            since=_since(run, rows),
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


def _since(run: LocustRun, rows: range) -> SinceStart | None:
    """Return the history's totals since the start at the edges of these seconds: those of the row before."""
    since = run.total.since
    if since is None or run.began is None or len(since.requests) != len(run.starts) + 1:
        return None
    edges = run.began + np.concatenate([[0.0], np.cumsum(run.widths)])
    latest = np.searchsorted(edges, np.arange(rows.start, rows.stop + 1), "right") - 1
    return since.at(np.maximum(latest, 0))


def _users(run: LocustRun, rows: range) -> Floats:
    """Return the users at the end of each row, from the history."""
    if run.began is None:
        return np.full(len(rows), np.nan)
    ends = run.began + run.starts + run.widths
    at = np.searchsorted(ends, np.arange(rows.start + 1, rows.stop + 1), "right") - 1
    return np.where(at >= 0, run.users[np.maximum(at, 0)], np.nan)
