"""A period of a run, all of it or a phase: its requests and its load."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from brownout_results.read.exceptions import read_exceptions
from brownout_results.read.run_folder import Endpoint, LoadTable, Run
from brownout_results.read.run_folder.intervals import inside
from brownout_results.record import COUNTED, LATENCY, Histogram
from brownout_results.record.latency_log import Series
from brownout_terms.outcomes import HARNESS, OUTCOMES

from .amplification import retry_amplification
from .harness import harness_share, stalled_seconds, unfair_seconds, without
from .lateness import lateness_p99_ms
from .phases import overlap, whole_seconds
from .time_series import TimeSeries
from .users import users_alive

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Period:
    """A run in some of its seconds. `endpoint` None is all of them; requests are in the second they ended."""

    run: Run
    spans: Sequence[range]
    """Seconds that counts, ratios and durations cover."""

    rated: Sequence[range]
    """The whole seconds of load among them, which rates cover."""

    asked: Sequence[range]
    """The spans, with those that are the harness's."""

    fair: Sequence[range]
    """The spans without the seconds in which brownout had too little time: percentiles are of these."""

    is_whole: bool = False
    """Whether it is the whole run."""

    is_generous: bool = False
    """Whether what failed on the way to the service counts as if it had succeeded, without a duration."""

    @classmethod
    def of(cls, run: Run, spans: Sequence[range] | None = None) -> Period:
        """These seconds of the run, without those that are the harness's; None is all of them."""
        asked = [run.seconds] if spans is None else spans
        chosen = without(asked, stalled_seconds(run))
        fair = without(chosen, unfair_seconds(run))
        is_sample = 2 * sum(map(len, fair)) >= sum(map(len, chosen))
        fair = fair if is_sample else chosen  # of a phase nearly all may be unfair
        return cls(run, chosen, overlap(chosen, whole_seconds(run)), asked, fair, spans is None)

    @classmethod
    def everything(cls, run: Run) -> Period:
        """All seconds of the run, also those that say nothing of the service."""
        spans = [run.seconds]
        return cls(run, spans, overlap(spans, whole_seconds(run)), spans, spans, True)

    @cached_property
    def rated_s(self) -> int:
        """How many seconds rates cover."""
        return sum(map(len, self.rated))

    def outcomes(self, endpoint: Endpoint | None = None) -> Counter[str]:
        """Requests by outcome."""
        return self._by_outcome(self._counts, endpoint)

    def requests(self, endpoint: Endpoint | None = None) -> int:
        """Requests of any outcome."""
        return self.outcomes(endpoint).total()

    def ratio(self, endpoint: Endpoint | None, *outcomes: str) -> float | None:
        """The share of the requests that had one of these outcomes; None without requests."""
        counts = self.outcomes(endpoint)
        return sum(counts[outcome] for outcome in outcomes) / counts.total() if counts else None

    def rate(self, endpoint: Endpoint | None = None, outcome: str | None = None) -> float | None:
        """Requests with this outcome (None: any) per second; None if the period has no whole second."""
        counts = self._by_outcome(self._rated_counts, endpoint)
        return self._per_second(counts.total() if outcome is None else counts[outcome])

    @property
    def offered_rate(self) -> float | None:
        """Requests that the load meant to send, per second; None if the period has no whole second."""
        return self._per_second(int(self._load(self.rated).ints("offered").sum()))

    @property
    def offered(self) -> int:
        """Requests that the load meant to send."""
        return int(self._load(self.spans).ints("offered").sum())

    @property
    def dropped(self) -> int | None:
        """Arrivals given up; None if load.csv says nothing about these seconds."""
        rows = self._load(self.spans)
        return int(rows.ints("dropped").sum()) if rows else None

    @property
    def users_alive(self) -> float | None:
        """The smallest share of the users asked for that were alive in a second; None if nothing tells."""
        return users_alive(self._load(self.spans))

    @property
    def exceptions(self) -> int | None:
        """Exceptions in tasks in the whole run; None of a part of it, or if the folder does not tell."""
        found = read_exceptions(self.run.folder) if self.is_whole else None
        return None if found is None else sum(one.occurrences for one in found)

    @property
    def lateness_p99_ms(self) -> float | None:
        """How late 99 % of the arrivals at most were; None in closed loop, or if none started."""
        return lateness_p99_ms(self._load(self.asked))

    @property
    def retry_amplification(self) -> float | None:
        """Backend calls per request of the client; None if its replicas were not sampled."""
        return retry_amplification(self.run.samples, self.spans, self.run.forwarders)

    @cached_property
    def time_series(self) -> TimeSeries:
        """How the whole run went, second by second."""
        return TimeSeries.of(self.run)

    @property
    def harness_share(self) -> float | None:
        """The share of the seconds of load that are the harness's; only the whole run has one."""
        return harness_share(self.run) if self.is_whole else None

    @property
    def open_ratio(self) -> float | None:
        """The share of replica-seconds with the breaker open; None if no breaker's state is known."""
        is_open, known = (self._sum(values) for values in self.time_series.opened)
        return is_open / known if known else None

    def _sum(self, values: Floats) -> float:
        """Add up a value per second over the spans."""
        return sum(float(values[slice(*self.time_series.positions(span))].sum()) for span in self.spans)

    def histogram(
        self,
        endpoint: Endpoint | None = None,
        measure: str = LATENCY,
        outcomes: Sequence[str] = OUTCOMES,
    ) -> Histogram:
        """Durations of requests with these outcomes, at first of any."""
        return Histogram.sum(
            self._histograms[series]
            for series in self._series[endpoint]
            if series.measure == measure and series.outcome in outcomes and series in self._histograms
            if not (self.is_generous and series.outcome == HARNESS)
        )

    def percentile_ms(self, percent: float, endpoint: Endpoint | None, measure: str) -> float | None:
        """The duration that `percent` (0 to 100) of the requests did not exceed; None without requests."""
        durations = self.histogram(endpoint, measure)
        return durations.percentile_us(percent) / 1000 if durations.count else None

    def mean_ms(self, endpoint: Endpoint | None = None) -> float | None:
        """The mean duration of requests of any outcome; None without requests."""
        durations = self.histogram(endpoint)
        return durations.mean_us / 1000 if durations.count else None

    def _per_second(self, count: int) -> float | None:
        return count / self.rated_s if self.rated_s else None

    @cached_property
    def _series(self) -> Mapping[Endpoint | None, list[Series]]:
        series: defaultdict[Endpoint | None, list[Series]] = defaultdict(list)
        for one in self.run.intervals.series:
            series[None].append(one)
            series[one.method, one.name].append(one)
        return series

    def _by_outcome(self, counts: Counter[Series], endpoint: Endpoint | None) -> Counter[str]:
        """Each request once, though the log has it with both measures."""
        found: Counter[str] = Counter()
        for series in self._series[endpoint]:
            if series.measure in COUNTED and counts[series]:
                is_better = self.is_generous and series.outcome == HARNESS
                found["ok" if is_better else series.outcome] += counts[series]
        return found

    def _load(self, spans: Sequence[range]) -> LoadTable:
        return self.run.load.where(inside(self.run.load.ints("second"), spans))

    @cached_property
    def _counts(self) -> Counter[Series]:
        return self._count(self.spans)

    @cached_property
    def _rated_counts(self) -> Counter[Series]:
        return self._count(self.rated)

    def _count(self, spans: Sequence[range]) -> Counter[Series]:
        intervals = self.run.intervals
        counts = intervals.requests_by_series(intervals.within(spans)).tolist()
        return Counter({series: n for series, n in zip(intervals.series, counts, strict=True) if n})

    @cached_property
    def _histograms(self) -> dict[Series, Histogram]:
        """Histograms by series, made in one pass: there may be thousands of series."""
        intervals = self.run.intervals
        found = intervals.histograms(intervals.within(self.fair))
        return {series: one for series, one in zip(intervals.series, found, strict=True) if len(one.buckets)}
