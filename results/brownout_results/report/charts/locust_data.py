"""Chart data of Locust's own files. What they do not contain is left out."""

from __future__ import annotations

import numpy as np

from brownout_results.measure import timeline
from brownout_results.measure.cumulative import bands, window_sizes, window_sums
from brownout_results.measure.locust_changes import proposed, text_of
from brownout_results.measure.locust_counts import has_means, inner
from brownout_results.measure.timeline import FaultPeriod, TimelineMark
from brownout_results.read.locust_csv import LocustRun, RequestStats
from brownout_terms.texts import short

from .data import ALL, ChartData, Distribution, LatencyBounds
from .downsampling import Floats
from .folder_data import MOST_ENDPOINTS

SAME = 0.01
"""Sizes that differ by no larger share are the same."""

BOUNDED = 95.0
"""The percentile whose bounds are drawn."""

SHOWN = {"p50": 50.0, "p95": 95.0, "p99": 99.0}


def locust_chart_data(run: LocustRun, name: str) -> ChartData:
    """The run as charts show it, from its first request on."""
    total = run.total
    if not len(run.starts):
        return ChartData(
            name=name, seconds=np.empty(0), rates={}, latencies_ms={}, outcomes={}, distributions=_parts(run)
        )
    ok, failed = total.ok_in / run.widths, total.failed_in / run.widths
    rates = {"throughput": ok + failed, "goodput": ok.copy()}
    for values in rates.values():
        values[~inner(run)] = np.nan
    return ChartData(
        name=name,
        seconds=run.starts,
        rates=rates,
        latencies_ms={
            label: total.percentiles_in[percent]
            for label, percent in SHOWN.items()
            if percent in total.percentiles_in
        },
        means_ms=_means(run),
        bounds_ms=_bounds(run),
        sizes=_sizes(run),
        outcomes={"ok": ok, "error": failed},
        users=run.users if np.isfinite(run.users).any() else None,
        bands=_faults(run),
        moments=[
            *_marks(run),
            *(TimelineMark(start, "phase", f"◆ {label}") for label, (start, _) in run.phases.items()),
            *(TimelineMark(point.at_s, "proposed", f"? {text_of(point)}") for point in proposed(run)),
        ],
        distributions=_parts(run),
    )


def _faults(run: LocustRun) -> list[FaultPeriod]:
    """Faults that were set meanwhile, by events beside the files."""
    return [] if run.began is None else timeline.bands(run.events, run.began, run.duration_s or 0.0)


def _marks(run: LocustRun) -> list[TimelineMark]:
    """Kills and marks of those events; phases that someone asked for take the place of theirs."""
    if run.began is None:
        return []
    found = timeline.moments(run.events, run.began)
    return [
        one
        for one in found
        if 0 <= one.at <= (run.duration_s or 0.0) and not (run.phases and one.kind == "phase")
    ]


def _parts(run: LocustRun) -> dict[str, Distribution]:
    found = {name: _distribution(part) for name, part in _busiest(run).items()}
    return {name: one for name, one in found.items() if one is not None}


def _busiest(run: LocustRun) -> dict[str, RequestStats]:
    """All requests, and those of the busiest endpoints, by name."""
    parts = {ALL: run.total}
    if len(run.endpoints) > 1:
        most = sorted(run.endpoints, key=lambda part: -part.requests)[:MOST_ENDPOINTS]
        parts |= {short(f"{part.method} {part.name}".strip()): part for part in most}
    return parts


def _means(run: LocustRun) -> dict[str, Floats]:
    """Mean latency in each row, of each part whose history tells it."""
    return {
        name: window_sums(part.since).means
        for name, part in _busiest(run).items()
        if part.since is not None and has_means(run, part)
    }


def _sizes(run: LocustRun) -> Floats | None:
    """Mean content size in each row; None if it is not known, or always the same."""
    since = run.total.since
    if since is None or not has_means(run, run.total):
        return None
    sizes = window_sizes(since).means
    known = sizes[np.isfinite(sizes)]
    return sizes if len(known) and np.ptp(known) > SAME * known.max() else None


def _bounds(run: LocustRun) -> list[LatencyBounds]:
    """Where p95 lies, in windows."""
    since = run.total.since
    if since is None or not has_means(run, run.total) or BOUNDED not in run.total.percentiles_ms:
        return []
    ends = run.starts + run.widths
    return [
        LatencyBounds(float(run.starts[first]), float(ends[end - 1]), low, high)
        for band in bands(since, [BOUNDED]).values()
        for first, end, low, high in band.windows
    ]


def _distribution(part: RequestStats) -> Distribution | None:
    """Return the distribution of an export's histogram, else of the table's percentiles."""
    if part.histogram:
        latencies = np.array(sorted(part.histogram), np.float64)
        counts = np.array([part.histogram[ms] for ms in latencies.tolist()], np.float64)
        return Distribution(_percents(counts), latencies)
    if not part.percentiles_ms:
        return None
    percents = np.array(sorted(part.percentiles_ms), np.float64)
    return Distribution(percents, np.array([part.percentiles_ms[one] for one in percents.tolist()]), True)


def _percents(counts: Floats) -> Floats:
    cumulated: Floats = np.cumsum(counts)
    percents: Floats = 100 * cumulated / cumulated[-1]
    return percents
