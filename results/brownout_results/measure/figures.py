"""The figures: each is declared once, here.

Tables, thresholds, pinned baselines, comparisons, summary.json with its schema, and what is told of Locust's
own files follow from a declaration. To add a figure, add one to ALL.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from brownout_results.measure.resampling.estimators import (
    DURATIONS,
    TIMED,
    ChangeEstimator,
    Estimator,
    PercentileEstimator,
    RateEstimator,
    ShareEstimator,
)
from brownout_results.read.locust_csv import LocustRun, RequestStats
from brownout_results.read.run_folder import Endpoint
from brownout_results.record import LATENCY
from brownout_terms.outcomes import DEGRADED, FAILURES

from .harness import FIGURE as HARNESS_FIGURE
from .lateness import FIGURE as LATENESS_FIGURE
from .locust_counts import LocustCounts, counts_in, counts_of
from .period import Period
from .units import DURATION, FACTOR, NUMBER, RATE, RATIO, TIME, Unit
from .users import EXCEPTIONS_FIGURE, USERS_FIGURE

Take = Callable[[Period, Endpoint | None], float | None]
FromPeriod = Callable[[Period], float | None]
FromLocust = Callable[[LocustCounts], float | None]

PERCENTS = (50.0, 90.0, 95.0, 99.0, 99.9)
"""The percentiles of tables and comparisons."""

PINNED_PERCENTILES = ("p50", "p75", "p90", "p95", "p99", "p99.9", "service_p50", "service_p95", "service_p99")
"""The percentiles of a pinned baseline; a threshold may be about any other as well."""


NO_REQUEST = "no request ended"
NO_SECOND = "there was no whole second of load: the first and the last second are partial and do not count"


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A figure: what it is called, what it means, and how it is taken from each source."""

    name: str
    """Name in tables and in summary.json."""

    meaning: str
    """Meaning, as the end of a sentence."""

    unit_kind: Unit
    is_good_up: bool | None
    """Whether more is better; None: neither is."""

    measure: Take
    """The value in a stretch of a run folder, in the unit; None: it isn't known there."""

    keys: tuple[str, ...] = ()
    """Names in thresholds and pinned baselines. Empty: no threshold can be about it."""

    lacking: str = NO_REQUEST
    """The reason if `measure` returns None."""

    has_endpoints: bool = True
    """Whether it can be asked of one endpoint."""

    is_in_tables: bool = True
    resampled: Estimator | None = None
    """How it follows from counts per second, which give its error. None: it happens once per run."""

    locust: FromLocust = lambda _: None
    """The value in Locust's own files; None: it is not in them."""

    is_signed: bool = False
    """Whether it may be negative."""

    @property
    def unit(self) -> str:
        """The unit's symbol: /s, %, ms, s, × or nothing."""
        return self.unit_kind.symbol


def percentile(percent: float, measure: str = LATENCY) -> Figure:
    """Return the figure of any percentile, `percent` above 0 and at most 100."""
    name = f"p{percent:g}" if measure == LATENCY else f"service_p{percent:g}"
    return Figure(
        name=name,
        keys=(name,),
        meaning=f"{percent:g} % of the requests took at most this long",
        unit_kind=DURATION,
        is_good_up=False,
        measure=lambda part, endpoint: part.percentile_ms(percent, endpoint, measure),
        resampled=PercentileEstimator(percent) if measure == LATENCY else None,
        locust=lambda counts: counts.percentile_ms(percent),
    )


def _rate(name: str, meaning: str, outcome: str | None, locust: FromLocust) -> Figure:
    return Figure(
        name=name,
        keys=(name,),
        meaning=meaning,
        unit_kind=RATE,
        is_good_up=True,
        measure=lambda part, endpoint: part.rate(endpoint, outcome),
        lacking=NO_SECOND,
        resampled=RateEstimator(outcome or "requests"),
        locust=locust,
    )


def _share(
    name: str,
    keys: tuple[str, ...],
    meaning: str,
    *outcomes: str,
    is_good_up: bool = True,
    is_in_tables: bool = True,
) -> Figure:
    return Figure(
        name=name,
        keys=keys,
        meaning=meaning,
        unit_kind=RATIO,
        is_good_up=is_good_up,
        is_in_tables=is_in_tables,
        measure=lambda part, endpoint: part.ratio(endpoint, *outcomes),
        resampled=ShareEstimator(outcomes, "requests"),
        locust=lambda counts: counts.share(*outcomes),
    )


def _of_the_load(
    key: str, meaning: str, unit: Unit, lacking: str, take: FromPeriod, locust: FromLocust = lambda _: None
) -> Figure:
    """A figure that says whether the load was what it should be: for thresholds."""
    return Figure(
        name=key.replace("_", " "),
        keys=(key,),
        meaning=meaning,
        unit_kind=unit,
        is_good_up=None,
        measure=lambda part, _: take(part),
        lacking=lacking,
        has_endpoints=False,
        is_in_tables=False,
        locust=locust,
    )


def _of_the_run(take: FromPeriod) -> Take:
    """What happens once, in the whole run."""
    return lambda part, endpoint: take(part) if endpoint is None and part.is_whole else None


ALL = [
    _rate(
        "goodput", "successful answers per second", "ok", lambda counts: counts.per_second(counts.rated_ok)
    ),
    _rate(
        "throughput",
        "requests that ended per second, failures included",
        None,
        lambda counts: counts.per_second(counts.rated_ok + counts.rated_failed),
    ),
    _share(
        "availability",
        ("ok_ratio", "availability"),
        "share of answers that were successful",
        "ok",
    ),
    _share(
        "degraded availability",
        ("degraded_ratio", "degraded_availability"),
        "share of answers that were successful or degraded",
        *DEGRADED,
    ),
    *map(percentile, PERCENTS),
    Figure(
        name="mean",
        keys=("mean",),
        meaning="mean duration of the requests, of any outcome",
        unit_kind=DURATION,
        is_good_up=False,
        measure=lambda part, endpoint: part.mean_ms(endpoint),
        resampled=ShareEstimator((DURATIONS,), TIMED, is_log=True),
        locust=lambda counts: counts.mean_ms,
    ),
    Figure(
        name="retry amplification",
        keys=("retry_amplification",),
        meaning="backend calls per request that reached the client",
        unit_kind=FACTOR,
        is_good_up=False,
        measure=lambda part, endpoint: part.retry_amplification if endpoint is None else None,
        lacking="samples.csv has no request of a client replica",
        has_endpoints=False,
        resampled=ShareEstimator(("attempts",), "called", is_log=True),
    ),
    Figure(
        name="open ratio",
        meaning="share of the time that the clients' breakers were open",
        unit_kind=RATIO,
        is_good_up=None,
        measure=lambda part, endpoint: part.open_ratio if endpoint is None else None,
        has_endpoints=False,
        resampled=ShareEstimator(("open",), "known"),
    ),
    Figure(
        name="detection time",
        meaning="from the start of a fault to the first breaker that opened; the longest of several faults",
        unit_kind=TIME,
        is_good_up=False,
        measure=_of_the_run(lambda part: part.time_series.detection_s),
        has_endpoints=False,
    ),
    Figure(
        name="recovery time",
        meaning="from the end of a fault until goodput stayed at 95 % of its value before, to the second; "
        "the longest of several faults",
        unit_kind=TIME,
        is_good_up=False,
        measure=_of_the_run(lambda part: part.time_series.recovery_s),
        has_endpoints=False,
    ),
    Figure(
        name="hysteresis",
        meaning="goodput at the same offered rate, long after the faults minus before them",
        unit_kind=RATE,
        is_good_up=True,
        measure=_of_the_run(lambda part: part.time_series.hysteresis),
        has_endpoints=False,
        resampled=ChangeEstimator("ok"),
        is_signed=True,
    ),
    _of_the_load(
        "offered_rate",
        "requests per second that the load meant to send",
        RATE,
        NO_SECOND,
        lambda part: part.offered_rate,
    ),
    *(
        _share(
            f"{outcome} ratio",
            (f"{outcome}_ratio",),
            f"share of requests whose outcome was {outcome}",
            outcome,
            is_good_up=False,
            is_in_tables=False,
        )
        for outcome in FAILURES
    ),
    Figure(
        name="max",
        keys=("max",),
        meaning="the longest duration of a request",
        unit_kind=DURATION,
        is_good_up=False,
        measure=lambda part, endpoint: part.percentile_ms(100, endpoint, LATENCY),
        locust=lambda counts: counts.max_ms,
        is_in_tables=False,
    ),
    Figure(
        name="requests",
        keys=("requests",),
        meaning="requests that ended, of any outcome",
        unit_kind=NUMBER,
        is_good_up=None,
        measure=lambda part, endpoint: part.requests(endpoint),
        locust=lambda counts: counts.requests,
        is_in_tables=False,
    ),
    _of_the_load(
        "dropped",
        "arrivals given up because every user was busy",
        NUMBER,
        "load.csv has no row",
        lambda part: part.dropped,
    ),
    _of_the_load(*HARNESS_FIGURE, lambda part: part.harness_share),
    _of_the_load(*USERS_FIGURE, lambda part: part.users_alive),
    _of_the_load(*EXCEPTIONS_FIGURE, lambda part: part.exceptions, lambda counts: counts.exceptions),
    _of_the_load(*LATENESS_FIGURE, lambda part: part.lateness_p99_ms),
]
"""Every figure, in the order of the tables."""

FIGURES = [one for one in ALL if one.is_in_tables]
"""What tables, comparisons and summary.json show."""

METRICS = {key: one for one in ALL if not isinstance(one.resampled, PercentileEstimator) for key in one.keys}
"""What a threshold can be about, by key; besides them any percentile, as `find` in thresholds has it."""

MEASURES: Mapping[str, Estimator] = {one.name: one.resampled for one in FIGURES if one.resampled is not None}
"""How the error of a figure is estimated, by name. Other figures happen once per run."""

PERCENTILES = {name: one for name, one in MEASURES.items() if isinstance(one, PercentileEstimator)}

OUTCOMES_COUNTED = sorted(
    {
        column
        for one in MEASURES.values()
        if isinstance(one, ShareEstimator) and one.of == "requests"
        for column in one.columns
    }
)
"""The outcomes that a comparison counts second by second."""


def figures_of(run: LocustRun, part: RequestStats) -> dict[str, float]:
    """Return the figures of a whole run that Locust's own files tell, by name, in their units."""
    return _told(counts_of(run, part))


def figures_in(run: LocustRun, part: RequestStats, phase: str) -> dict[str, float]:
    """Return those of a phase."""
    return _told(counts_in(run, part, phase))


def _told(counts: LocustCounts) -> dict[str, float]:
    found = {one.name: one.locust(counts) for one in FIGURES}
    return {name: value for name, value in found.items() if value is not None}
