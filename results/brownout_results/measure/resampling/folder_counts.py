"""The seconds of a part of a run folder, in all or of an endpoint."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cached_property

import numpy as np

from brownout_results.measure.amplification import grown
from brownout_results.measure.figures import FIGURES, OUTCOMES_COUNTED, PERCENTILES
from brownout_results.measure.period import Period
from brownout_results.read.run_folder import Endpoint
from brownout_results.read.run_folder.intervals import Mask
from brownout_results.record import COUNTED, LATENCY
from brownout_results.record.compact_arrays import Small
from brownout_results.record.histogram import BUCKETS, Buckets, bucket_of, middle_of
from brownout_results.record.latency_log import Series
from brownout_terms.outcomes import DEGRADED

from .conditions import conditions
from .counts import Floats, Ints, Seconds, bins_of, width_for
from .estimates import Observation
from .estimators import DURATIONS, RATED, TIMED

MIDDLES_MS = middle_of(np.arange(BUCKETS)) / 1000
"""The duration that those of each bucket are taken to have."""


class PeriodCounts:
    """The counts per second of a period of a run."""

    def __init__(self, period: Period) -> None:
        self.period = period
        self._run = period.run
        self._named = _seconds_of(period)
        rated = [second for span in period.rated for second in span]
        self._is_rated = np.isin(self._named, rated).astype(np.float64)
        fair = [second for span in period.fair for second in span]
        self._is_fair = np.isin(self._named, fair).astype(np.float64)
        strata = conditions(self._run, period.time_series, self._named)
        self._width = width_for([len(self._named)])
        self._bin, self._strata = bins_of(strata, self._width)

    def observed(self, endpoint: Endpoint | None = None) -> Observation:
        """Its figures, and its seconds."""
        values = {figure.name: figure.measure(self.period, endpoint) for figure in FIGURES}
        return Observation(values, self.seconds(endpoint), apart=self._of_successes(endpoint))

    def _of_successes(self, endpoint: Endpoint | None) -> Mapping[str, float]:
        """Return the percentiles of the requests that did not fail, in ms."""
        durations = self.period.histogram(endpoint, outcomes=DEGRADED)
        if not durations.count:
            return {}
        return {name: durations.percentile_us(one.percent) / 1000 for name, one in PERCENTILES.items()}

    def seconds(self, endpoint: Endpoint | None = None) -> Seconds | None:
        """What was counted in its whole seconds; None if it has none."""
        durations = self.period.histogram(endpoint)
        if not len(self._named) or not durations.count:
            return None
        limits = {name: durations.percentile_us(one.percent) for name, one in PERCENTILES.items()}
        buckets = {PERCENTILES[name].column: int(bucket_of(us)) for name, us in limits.items()}
        totals: defaultdict[str, Floats] = defaultdict(lambda: np.zeros(len(self._strata)))
        totals[f"{RATED}seconds"] = _summed(self._bin, self._is_rated, len(self._strata))
        for name in ("requests", TIMED, DURATIONS, *OUTCOMES_COUNTED, f"{RATED}requests", f"{RATED}ok"):
            totals[name] += 0
        for series, at, bucket, count in self._entries(endpoint):
            bins = self._bin[at]
            counted = np.bincount(bins, count, len(self._strata))
            in_whole = np.bincount(bins, count * self._is_rated[at], len(self._strata))
            totals["requests"] += counted
            totals[f"{RATED}requests"] += in_whole
            if series.outcome in OUTCOMES_COUNTED:
                totals[series.outcome] += counted
            if series.outcome == "ok":
                totals[f"{RATED}ok"] += in_whole
            if series.measure != LATENCY:
                continue
            fair = count * self._is_fair[at]
            totals[TIMED] += np.bincount(bins, fair, len(self._strata))
            totals[DURATIONS] += np.bincount(bins, fair * MIDDLES_MS[bucket], len(self._strata))
            for column, limit in buckets.items():
                slow = bucket > limit
                totals[column] += np.bincount(bins[slow], fair[slow], len(self._strata))
        if endpoint is None:
            totals |= self._of_the_run()
        return Seconds(self._strata, self._width, dict(totals), durations)

    def _of_the_run(self) -> Mapping[str, Floats]:
        """Return the counts that exist for all requests only."""
        series = self.period.time_series
        columns: dict[str, Floats] = {}
        called, attempts = grown(self._run.samples, series.seconds, self._run.forwarders)
        if called.any():
            columns |= {"called": called, "attempts": attempts}
        is_open, known = series.opened
        if known.any():
            columns |= {"open": is_open, "known": known}
        if series.around is not None and self.period.is_whole:
            for when, part in zip(("before", "after"), series.around, strict=True):
                inside = np.zeros(len(series.seconds))
                inside[part] = 1
                columns |= {f"seconds {when}": inside, f"ok {when}": inside * np.nan_to_num(series.goodput)}
        at = self._named - series.seconds.start
        there = (at >= 0) & (at < len(series.seconds))
        return {
            name: _summed(self._bin[there], values[at[there]], len(self._strata))
            for name, values in columns.items()
        }

    def _entries(self, endpoint: Endpoint | None) -> Iterator[tuple[Series, Ints, Buckets, Small]]:
        """Yield, for each series: the second in the period, the bucket and the count."""
        intervals = self._run.intervals
        for number, series in enumerate(intervals.series):
            if series.measure not in COUNTED or endpoint not in (None, (series.method, series.name)):
                continue
            first, last = intervals.lines[number : number + 2].tolist()
            at = first + np.flatnonzero(self._inside[first:last])
            line, bucket, count = intervals.gathered(at)
            yield series, self._place[intervals.second[at]][line], bucket, count

    @cached_property
    def _inside(self) -> Mask:
        """Which lines are in the part's seconds."""
        return self._place.has(self._run.intervals.second)

    @cached_property
    def _place(self) -> _Lookup:
        return _Lookup(self._named)


def _summed(bins: Ints, values: Floats, length: int) -> Floats:
    return np.bincount(bins, values, length).astype(np.float64)


def _seconds_of(period: Period) -> Ints:
    """All seconds of a period, until the last in which a request ended."""
    ended = period.run.intervals.second
    last = int(ended.max()) if len(ended) else -1
    return np.array([at for span in period.spans for at in span if at <= last], np.int64)


class _Lookup:
    """Where a second since the epoch is among some."""

    def __init__(self, seconds: Ints) -> None:
        self._first = int(seconds.min()) if len(seconds) else 0
        self._places = np.full(int(seconds.max()) - self._first + 1 if len(seconds) else 0, -1, np.int64)
        self._places[seconds - self._first] = np.arange(len(seconds))

    def has(self, seconds: Small) -> Mask:
        """Whether each is among them."""
        inside: Mask = (seconds >= self._first) & (seconds < self._first + len(self._places))
        inside[inside] = self[seconds[inside]] >= 0
        return inside

    def __getitem__(self, seconds: Small) -> Ints:
        return self._places[seconds.astype(np.int64) - self._first]
