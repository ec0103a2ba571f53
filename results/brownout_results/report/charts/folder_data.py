"""Chart data of a run folder."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from brownout_results.measure.amplification import grown
from brownout_results.measure.harness import shown_stalls
from brownout_results.measure.period import Period
from brownout_results.measure.phases import phases
from brownout_results.measure.time_series import TimeSeries
from brownout_results.measure.timeline import moments
from brownout_results.read.run_folder import Run
from brownout_results.read.run_folder.intervals import inside
from brownout_results.record import LATENCY, SERVICE, Histogram
from brownout_results.record.histogram import BUCKETS, highest_in
from brownout_terms.texts import short

from .data import ALL, ChartData, Distribution
from .downsampling import Floats

SLICE_S = 8192
"""Seconds looked at at once, so that a day takes no more memory than some hours."""

PERCENTILES = {"p50": 50.0, "p95": 95.0, "p99": 99.0}
MOST_ENDPOINTS = 12
"""Endpoints with a distribution of their own: those with most requests."""

NINES = np.concatenate(
    [np.arange(0, 90, 2.5), *(100 - 10.0**-power * np.geomspace(10, 1, 13)[:-1] for power in range(6))]
)
"""Percentiles that a distribution is drawn at: evenly up to 90, evenly on the axis of nines from there."""


def chart_data(run: Run, name: str) -> ChartData:
    """The run as charts show it, from its first request on."""
    series = TimeSeries.of(run)
    seconds = series.seconds
    outcomes = {outcome: _between(counts, run.seconds, seconds) for outcome, counts in run.counts().items()}
    return ChartData(
        name=name,
        seconds=np.arange(len(seconds), dtype=np.float64),
        rates=_rates(series, outcomes),
        latencies_ms=latencies_ms(run, seconds),
        outcomes=outcomes,
        amplification=_amplification(run, seconds),
        users=_users(run, seconds),
        bands=series.faults,
        moments=moments(run.events, float(seconds.start)),
        lanes=series.lanes,
        stalls=[one.since(seconds.start) for one in shown_stalls(run)],
        recoveries=series.recoveries,
        distributions=_distributions(run),
    )


def latencies_ms(run: Run, seconds: range) -> dict[str, Floats]:
    """Percentiles of each second's latencies, of requests of any outcome; NaN in a second without any."""
    slices = [seconds[at : at + SLICE_S] for at in range(0, max(len(seconds), 1), SLICE_S)]
    found = [_latencies_in(run, part) for part in slices]
    return {label: np.concatenate([one[label] for one in found]) for label in PERCENTILES}


def _latencies_in(run: Run, seconds: range) -> dict[str, Floats]:
    intervals = run.intervals
    inside = intervals.within([seconds]) & intervals.lines_of(intervals.of_series(LATENCY))
    at = np.flatnonzero(inside)
    line, bucket, count = intervals.gathered(at)
    second = intervals.second[at].astype(np.int64)[line]
    order = np.argsort((second - seconds.start) * BUCKETS + bucket)
    second, bucket = second[order], bucket[order]
    cumulated = np.concatenate([[0], np.cumsum(count[order], dtype=np.int64)])
    named = np.arange(seconds.start, seconds.stop)
    before = cumulated[np.searchsorted(second, named, "left")]
    counts = cumulated[np.searchsorted(second, named, "right")] - before
    filled = counts > 0
    found = {}
    for label, percent in PERCENTILES.items():
        rank = np.maximum((percent * counts / 100 + 0.5).astype(np.int64), 1)
        values = np.full(len(named), np.nan)
        at = np.searchsorted(cumulated, (before + rank)[filled], "left") - 1
        values[filled] = highest_in(bucket[at]) / 1000
        found[label] = values
    return found


def _rates(series: TimeSeries, outcomes: Mapping[str, Floats]) -> dict[str, Floats]:
    throughput = sum(outcomes.values(), np.zeros(len(series.seconds)))
    throughput = np.where(np.isnan(series.goodput), np.nan, throughput)  # none of a partial second
    offered = {} if series.offered is None else {"offered": series.offered}
    return offered | {"throughput": throughput, "goodput": series.goodput}


def _between(counts: np.ndarray[tuple[int], np.dtype[np.int64]], known: range, wanted: range) -> Floats:
    values = np.zeros(len(wanted))
    low, high = max(known.start, wanted.start), min(known.stop, wanted.stop)
    if high > low:
        values[low - wanted.start : high - wanted.start] = counts[low - known.start : high - known.start]
    return values


def _users(run: Run, seconds: range) -> Floats | None:
    """Users that ran at the end of each second; NaN where nothing tells."""
    if not run.load:
        return None
    second = run.load.ints("second")
    known = inside(second, [seconds]) & run.load.known("users")
    if not known.any():
        return None
    place = second[known] - seconds.start
    found = np.bincount(place, run.load.ints("users")[known], len(seconds)).astype(np.float64)
    found[np.bincount(place, minlength=len(seconds)) == 0] = np.nan
    return found


def _amplification(run: Run, seconds: range) -> Floats | None:
    """Backend calls per request of all clients, second by second; NaN without requests."""
    requests, attempts = grown(run.samples, seconds, run.forwarders)
    if not requests.any():
        return None
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(requests > 0, attempts / requests, np.nan)


def _distributions(run: Run) -> dict[str, Distribution]:
    whole = Period.of(run)
    parts = {ALL: whole.histogram(), "service time of all requests": whole.histogram(measure=SERVICE)}
    if parts[ALL].count and np.array_equal(parts[ALL].counts, list(parts.values())[1].counts):
        del parts["service time of all requests"]  # closed loop: the same
    for name, spans in phases(run).items():
        parts[f"phase {short(name)}"] = Period.of(run, spans).histogram()
    if len(run.endpoints) > 1:
        most = sorted(run.endpoints, key=lambda endpoint: -whole.requests(endpoint))[:MOST_ENDPOINTS]
        for endpoint in most:
            parts[short(" ".join(endpoint))] = whole.histogram(endpoint)
    return {name: distribution(histogram) for name, histogram in parts.items() if histogram.count}


def distribution(histogram: Histogram) -> Distribution:
    """Return percentiles as far out as the number of requests allows, and the slowest request."""
    percents = NINES[100 * (1 - 1 / max(histogram.count, 2)) >= NINES]
    percents = np.append(percents, 100.0)
    return Distribution(percents, np.array(histogram.percentiles_us(percents.tolist())) / 1000)
