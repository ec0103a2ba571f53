"""A run folder as a track: what the charts show of it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from results.run_folder import LATENCY, SERVICE, Histogram, Run, Sample
from results.run_folder.histogram import highest_in
from results.spans import load_seconds, phases, whole_seconds
from results.stretch import Stretch

from .happened import bands, lanes, moments
from .thin import Floats
from .track import Band, Distribution, Recovery, Track
from .words import short

PERCENTILES = {"p50": 50.0, "p95": 95.0, "p99": 99.0}
ALL = "all requests"
MOST_ENDPOINTS = 12
"""Endpoints with a distribution of their own: those with most requests."""

NINES = np.concatenate(
    [np.arange(0, 90, 2.5), *(100 - 10.0**-power * np.geomspace(10, 1, 13)[:-1] for power in range(6))]
)
"""Percentiles that a distribution is drawn at: evenly up to 90, evenly on the axis of nines from there."""

RECOVERED = 0.95
STEADY_S = 5
"""Recovered is: goodput back at this share of the baseline's, and there for so long (design, section 9)."""


def track(run: Run, name: str) -> Track:
    """The run as charts show it, from its first request on."""
    seconds = load_seconds(run)
    whole = whole_seconds(run)
    faults = bands(run.events, float(seconds.start), float(len(seconds)))
    outcomes = {outcome: _between(counts, run.seconds, seconds) for outcome, counts in run.counts().items()}
    rates = _rates(run, outcomes, seconds, whole)
    return Track(
        name=name,
        seconds=np.arange(len(seconds), dtype=np.float64),
        rates=rates,
        latencies_ms=latencies_ms(run, seconds),
        outcomes=outcomes,
        amplification=_amplification(run.samples, seconds),
        bands=faults,
        moments=moments(run.events, float(seconds.start)),
        lanes=lanes(run.events, run.samples, float(seconds.start), float(len(seconds))),
        recoveries=recoveries(rates["goodput"], faults),
        distributions=_distributions(run),
    )


def latencies_ms(run: Run, seconds: range) -> dict[str, Floats]:
    """Percentiles of each second's latencies, of requests of any outcome; NaN in a second without any."""
    intervals = run.intervals.where(measure=LATENCY)
    order = np.lexsort((intervals.bucket, intervals.second))
    second, bucket = intervals.second[order], intervals.bucket[order]
    cumulated = np.concatenate([[0], np.cumsum(intervals.count[order])])
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


def recoveries(goodput: Floats, faults: Sequence[Band]) -> list[Recovery]:
    """For each fault that ended within the run: how long until goodput was back to stay, in whole seconds."""
    begun = min((band.start for band in faults), default=0.0)
    usual = goodput[: int(begun)]
    usual = usual[~np.isnan(usual)]
    found = []
    for band in _merged(faults):
        first = int(np.ceil(band.end))
        if not len(usual) or first + STEADY_S > np.count_nonzero(~np.isnan(goodput)) + 1:
            continue
        good = goodput >= RECOVERED * usual.mean()
        seconds = [
            second
            for second in range(first, len(goodput) - STEADY_S + 1)
            if good[second : second + STEADY_S].all()
        ]
        found.append(Recovery(band.end, float(seconds[0] - first) if seconds else None))
    return found


def _merged(faults: Sequence[Band]) -> list[Band]:
    """Stretches with any faults: one that follows another at once is a change of faults, not their end."""
    merged: list[Band] = []
    for band in faults:
        if merged and band.start - merged[-1].end < 1:
            merged[-1] = Band(merged[-1].start, band.end, band.label)
        else:
            merged.append(band)
    return merged


def _rates(run: Run, outcomes: Mapping[str, Floats], seconds: range, whole: range) -> dict[str, Floats]:
    offered = np.zeros(len(seconds))
    for row in run.load:
        if row.second in seconds:
            offered[row.second - seconds.start] += row.offered
    rates = {
        "throughput": sum(outcomes.values(), np.zeros(len(seconds))),
        "goodput": outcomes.get("ok", np.zeros(len(seconds))).copy(),
    }
    if run.load:
        rates = {"offered": offered} | rates
    for values in rates.values():  # the first and the last second are partial: no rate can be told
        values[: whole.start - seconds.start] = np.nan
        values[whole.stop - seconds.start :] = np.nan
    return rates


def _between(counts: np.ndarray[tuple[int], np.dtype[np.int64]], known: range, wanted: range) -> Floats:
    values = np.zeros(len(wanted))
    low, high = max(known.start, wanted.start), min(known.stop, wanted.stop)
    if high > low:
        values[low - wanted.start : high - wanted.start] = counts[low - known.start : high - known.start]
    return values


@dataclass
class _Counter:
    boot_id: str
    second: int
    requests: int
    attempts: int


def _amplification(samples: Sequence[Sample], seconds: range) -> Floats | None:
    """Calls of the backend per request of all clients, second by second; NaN without requests."""
    grown: defaultdict[int, Counter[str]] = defaultdict(Counter)
    last: dict[str, _Counter] = {}
    for row in samples:
        if row.service != "client" or row.requests is None or row.attempts is None:
            continue
        now = _Counter(row.boot_id, row.second, row.requests, row.attempts)
        before = last.get(row.replica)
        if before and before.boot_id == now.boot_id and now.second == before.second + 1:
            grown[before.second].update(
                requests=now.requests - before.requests, attempts=now.attempts - before.attempts
            )
        last[row.replica] = now
    if not grown:
        return None
    values = np.full(len(seconds), np.nan)
    for second, counts in grown.items():
        if second in seconds and counts["requests"] > 0:
            values[second - seconds.start] = counts["attempts"] / counts["requests"]
    return values


def _distributions(run: Run) -> dict[str, Distribution]:
    whole = Stretch.of(run)
    parts = {ALL: whole.histogram(), "service time of all requests": whole.histogram(measure=SERVICE)}
    if parts[ALL].count and np.array_equal(parts[ALL].counts, list(parts.values())[1].counts):
        del parts["service time of all requests"]  # closed loop: the same
    for name, spans in phases(run).items():
        parts[f"phase {short(name)}"] = Stretch.of(run, spans).histogram()
    if len(run.endpoints) > 1:
        most = sorted(run.endpoints, key=lambda endpoint: -whole.requests(endpoint))[:MOST_ENDPOINTS]
        for endpoint in most:
            parts[short(" ".join(endpoint))] = whole.histogram(endpoint)
    return {name: distribution(histogram) for name, histogram in parts.items() if histogram.count}


def distribution(histogram: Histogram) -> Distribution:
    """As far out on the axis of nines as the number of requests tells, and the slowest of all."""
    percents = NINES[100 * (1 - 1 / max(histogram.count, 2)) >= NINES]
    percents = np.append(percents, 100.0)
    return Distribution(percents, np.array(histogram.percentiles_us(percents.tolist())) / 1000)
