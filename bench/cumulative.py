"""`python -m bench.cumulative`: whether what is told from cumulative histories is true.

Runs are simulated, counted and written by Locust's own code (`bench.written_histories`), so that rounding is
the real one, in the formats of several versions. `mean_error` is the largest relative error of a window's
mean where the file has all digits, `truncated_inside` the share of means within the told error where means
are cut to whole ms; `inside` is the share of the windows' true percentiles (p50, p95 and p99, as Locust
defines them) inside the told bounds; `told` the share of requests in a window whose p95 is bounded.
`p95_width_30` is the median of upper over lower bound of p95 in windows that are 30 % of the run so far.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from statistics import median

import click
import numpy as np
from numpy.typing import NDArray

from bench.figures import Figures, report
from brownout_results.measure.cumulative import bands, stretch_bounds, window_sums
from brownout_results.read.locust_csv import LocustRun, SinceStart, read

BARS = {"mean_error": "≤ 1e-06", "truncated_inside": "≥ 0.99", "inside": "≥ 0.99"}
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

PERCENTS = (50.0, 95.0, 99.0)
SHARES = (1.0, 0.5, 0.3, 0.2, 0.1, 0.05, 0.02)
PLACES = (0.3, 0.5, 0.7, 1.0)
"""Where in the run the windows end whose width is told, as shares of it."""


@dataclass
class Found:
    """What was seen so far."""

    mean_errors: list[float] = field(default_factory=list)
    truncated: list[bool] = field(default_factory=list)
    inside: list[bool] = field(default_factory=list)
    told: list[float] = field(default_factory=list)
    widths: dict[float, list[float]] = field(default_factory=lambda: {share: [] for share in SHARES})


def measure(seed: int) -> Figures:
    """Windows' means and percentiles told from cumulative histories, against the truth."""
    found = Found()
    with tempfile.TemporaryDirectory() as folder:
        writing = [sys.executable, "-m", "bench.written_histories", folder, str(seed)]
        subprocess.run(writing, check=True, timeout=120)
        for world in sorted(Path(folder).iterdir()):
            truth = np.load(world / "truth.npz")
            for kind in sorted(path for path in world.iterdir() if path.is_dir()):
                look_at(read(kind / "x_stats_history.csv"), truth["durations"], truth["rows"], found)
    return {
        "mean_error": max(found.mean_errors),
        "truncated_inside": float(np.mean(found.truncated)),
        "inside": float(np.mean(found.inside)),
        "told": float(np.mean(found.told)),
        **{f"p95_width_{100 * share:g}": median(those) for share, those in found.widths.items()},
        "windows": len(found.mean_errors) + len(found.truncated),
        "bounds": len(found.inside),
    }


def look_at(run: LocustRun, durations: Floats, rows: Ints, found: Found) -> None:
    """Compare what the run's history tells with the durations of its rows."""
    since = run.total.since
    assert since is not None
    assert int(since.requests[-1]) == len(durations)
    edges = np.searchsorted(np.cumsum(np.bincount(rows)), since.requests, "left")
    by_edge = np.searchsorted(rows, edges + (since.requests > 0), "left")
    assert (by_edge == since.requests).all()
    _means(since, durations, found)
    for part in run.endpoints:
        if part.since is not None:
            assert np.isfinite(window_sums(part.since).means).any()
    if since.percentiles_ms:
        _bands(since, durations, found)
        _widths(since, found)


def _means(since: SinceStart, durations: Floats, found: Found) -> None:
    told = window_sums(since)
    for number in range(told.window.max() + 1):
        at = np.flatnonzero(told.window == number)
        part = durations[int(since.requests[at[0]]) : int(since.requests[at[-1] + 1])]
        true, mean = float(part.mean()), float(told.means[at[0]])
        if since.mean_off_ms:
            found.truncated.append(abs(mean - true) <= told.off[at[0]] * (1 + 1e-9))
        else:
            found.mean_errors.append(abs(mean / true - 1))


def _bands(since: SinceStart, durations: Floats, found: Found) -> None:
    told = bands(since, PERCENTS)
    for percent, band in told.items():
        for first, end, low, high in band.windows:
            part = np.sort(durations[int(since.requests[first]) : int(since.requests[end])])
            true = part[min(int(len(part) * round(percent / 100, 12)), len(part) - 1)]
            found.inside.append(bool(low - 1e-9 <= true <= high + 1e-9))
    rows = np.diff(since.requests)
    known = np.isfinite(told[95.0].high_ms) if 95.0 in told else np.zeros(len(rows), bool)
    found.told.append(float(rows[known].sum() / rows.sum()))


def _widths(since: SinceStart, found: Found) -> None:
    for share in SHARES:
        for place in PLACES:
            end = int(place * (len(since.requests) - 1))
            first = int(np.searchsorted(since.requests, (1 - share) * since.requests[end], "right")) - 1
            if since.requests[end] - since.requests[max(first, 0)] >= 20:
                low, high = stretch_bounds(since, max(first, 0), end, [95.0], are_wide=True)[95.0]
                found.widths[share].append(high / max(low, 0.5))


@click.command(help=measure.__doc__)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("--seed", default=1, show_default=True, help="Of the simulation.")
def main(as_json: bool, seed: int) -> None:
    report(partial(measure, seed)(), BARS, as_json=as_json)


if __name__ == "__main__":
    main()
