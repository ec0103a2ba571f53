"""Counts in Locust's own files, from which figures are computed. Pure.

Rates are over the history's rows without the first and the
last, which are partial, unless a burst was in them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from brownout_results.read.locust_csv import Lack, LocustRun, RequestStats, percentile_of

from .cumulative import mean_ms, stretch_bounds
from .window_percentiles import window_percentiles

Rows = NDArray[np.bool_]

BURST = 1.5
"""A first or last row with so many times the rate of the rest is no part of a row, and counts."""

PEAK_S = 5.0
"""A peak is a mean over this long, as single rows are a little longer or shorter than they say."""

BEFORE = 0.05
"""Of a history that begins when more than this share of the requests had ended, the rate is not the run's."""


@dataclass(frozen=True)
class LocustCounts:
    """What Locust's files say of some requests: of all, of an endpoint, or of a phase."""

    ok: float
    failed: float
    rated_s: float = 0.0
    """The seconds that rates are over; 0: the files have no rate."""

    rated_ok: float = 0.0
    rated_failed: float = 0.0
    percentiles_ms: Mapping[float, float] = field(default_factory=dict)
    mean_ms: float | None = None
    max_ms: float | None = None
    histogram: Mapping[float, int] = field(default_factory=dict)
    """How many requests took how many ms, if an export tells."""

    exceptions: int | None = None
    """Exceptions in tasks; None if the files do not tell, or of a part of the run."""

    @property
    def requests(self) -> float:
        """Requests of any outcome."""
        return self.ok + self.failed

    def percentile_ms(self, percent: float) -> float | None:
        """The duration that `percent` of the requests did not exceed; None if the files do not tell."""
        if percent not in self.percentiles_ms and self.histogram:
            return percentile_of(self.histogram, percent)
        return self.percentiles_ms.get(percent)

    def share(self, *outcomes: str) -> float | None:
        """The share of the requests with one of these outcomes; None if Locust does not tell them apart."""
        known = {"ok": self.ok, "error": self.failed}
        if not self.requests or not known.keys() >= set(outcomes):
            return None
        return sum(known[outcome] for outcome in outcomes) / self.requests

    def per_second(self, count: float) -> float | None:
        """A count over the seconds of rates, per second; None if there are none."""
        return count / self.rated_s if self.rated_s else None


def counts_of(run: LocustRun, part: RequestStats) -> LocustCounts:
    """Return the counts of the whole run."""
    counts = LocustCounts(
        part.requests - part.failed,
        part.failed,
        percentiles_ms=part.percentiles_ms or ({} if run.skipped_s else window_percentiles(part)),
        mean_ms=_mean_ms(run, part),
        max_ms=part.max_ms if part.requests else None,
        histogram=part.histogram,
        exceptions=_exceptions(run) if part is run.total else None,
    )
    rated = _rated(run, part, inner(run))
    is_partial = requests_before(run, part) > BEFORE * part.requests or Lack.RATES_SMOOTHED in run.lacks
    if (not rated or is_partial) and part.rate is not None and part.requests:
        share = part.failed / part.requests
        rated = {"rated_s": 1.0, "rated_ok": part.rate * (1 - share), "rated_failed": part.rate * share}
    if not rated:
        rated = _rated(run, part, np.ones(len(run.starts), bool))
    return replace(counts, **rated)


def counts_in(run: LocustRun, part: RequestStats, phase: str) -> LocustCounts:
    """Return the counts of a phase: no percentiles, since those in the history can't be added up."""
    rows = rows_in(run, *run.phases[phase])
    ok = failed = 0.0
    if len(part.ok_in):
        ok, failed = float(np.nansum(part.ok_in[rows])), float(np.nansum(part.failed_in[rows]))
    mean = mean_ms(part.since, rows) if has_means(run, part) and part.since else None
    return LocustCounts(ok, failed, mean_ms=mean, **_rated(run, part, rows & inner(run)))


def bounds_in(run: LocustRun, part: RequestStats, phase: str) -> dict[float, tuple[float, float]]:
    """Return the bounds in ms of percentiles of a phase, by percent, where they say something."""
    rows = np.flatnonzero(rows_in(run, *run.phases[phase]))
    if part.since is None or not part.since.percentiles_ms or not len(rows) or not has_means(run, part):
        return {}
    return stretch_bounds(part.since, int(rows[0]), int(rows[-1]) + 1, list(part.percentiles_ms))


def _exceptions(run: LocustRun) -> int | None:
    """Exceptions in the users' own code; None if there is no table of them."""
    has_table = run.exceptions or any(path.name.endswith("_exceptions.csv") for path in run.files)
    return sum(one.occurrences for one in run.exceptions) if has_table else None


def has_means(run: LocustRun, part: RequestStats) -> bool:
    """Whether the history tells means of the part's rows."""
    since = part.since
    return since is not None and 1 < len(since.requests) == len(run.starts) + 1


def _mean_ms(run: LocustRun, part: RequestStats) -> float | None:
    """The table's own mean, which is of the whole run; else that of the history's rows."""
    if part.mean_ms is not None:
        return part.mean_ms if part.requests else None
    return mean_ms(part.since) if has_means(run, part) and part.since else None


def requests_in(run: LocustRun, part: RequestStats, phase: str) -> int:
    """Requests that ended in a phase."""
    rows = rows_in(run, *run.phases[phase])
    return int(np.nansum(part.ok_in[rows] + part.failed_in[rows])) if len(part.ok_in) else 0


def rows_in(run: LocustRun, start: float, end: float) -> Rows:
    """The rows that lie wholly between these seconds."""
    inside: Rows = (run.starts >= start - 1e-6) & (run.starts + run.widths <= end + 1e-6)
    return inside


def requests_before(run: LocustRun, part: RequestStats) -> int:
    """Requests that the history's first row counts already: when they ended is not known."""
    if run.skipped_s or part.since is None or not len(part.since.requests):
        return 0
    first = part.since.requests[0]
    return int(first) if np.isfinite(first) else 0


def peak_rate(run: LocustRun, part: RequestStats) -> float | None:
    """The most requests per second over PEAK_S of full rows; None without a history of the part."""
    rows = inner(run)
    if len(part.ok_in) != len(rows) or not rows.any():
        return None
    ended, widths = np.nan_to_num(part.ok_in + part.failed_in)[rows], run.widths[rows]
    ends = np.cumsum(widths)
    counted = np.concatenate([[0.0], np.cumsum(ended)])
    edges = np.concatenate([[0.0], ends])
    last = np.minimum(np.searchsorted(edges, edges[:-1] + PEAK_S - 1e-9), len(ends))
    spans = edges[last] - edges[:-1]
    whole = spans >= min(PEAK_S, float(ends[-1])) - 1e-6
    return float(((counted[last] - counted[:-1])[whole] / spans[whole]).max())


def inner(run: LocustRun) -> Rows:
    """All rows but the first and the last, if they hold only a part of what a full one would."""
    rows = np.ones(len(run.starts), bool)
    rows[:1] = rows[-1:] = False
    if not rows.any() or len(run.total.ok_in) != len(rows):
        return rows
    rates = np.nan_to_num(run.total.ok_in + run.total.failed_in) / run.widths
    rows[[0, -1]] = rates[[0, -1]] > BURST * rates[rows].mean()
    return rows


def _rated(run: LocustRun, part: RequestStats, rows: Rows) -> dict[str, Any]:
    if not len(part.ok_in) or not rows.any():
        return {}
    ok, failed = float(np.nansum(part.ok_in[rows])), float(np.nansum(part.failed_in[rows]))
    return {"rated_s": float(run.widths[rows].sum()), "rated_ok": ok, "rated_failed": failed}
