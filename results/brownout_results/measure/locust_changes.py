"""Moments at which a run by Locust's files changed: proposals for phases, which nothing uses by itself."""

from __future__ import annotations

import numpy as np

from brownout_results.read.locust_csv import LocustRun
from brownout_terms.numbers import amount, clock

from .change_points import ChangePoint, Level, change_points, suggested_phases
from .cumulative import window_sizes, window_sums
from .locust_counts import has_means, inner
from .selection import files_ramp_up_s

FEWEST_ROWS = 20
LONGEST_RAMP = 0.3
"""A load that grows for a larger share of the run is no ramp-up but the test itself."""

NOTHING = 0.05
"""A rate of nothing is taken as this share of the usual one: it has no logarithm."""

MOST_TOLD = 4


def proposed(run: LocustRun) -> list[ChangePoint]:
    """Return the moments; none if phases were asked for, or the history is short or lacking."""
    part = run.total
    if run.phases or len(run.starts) < FEWEST_ROWS or len(part.ok_in) != len(run.starts):
        return []
    requests = np.nan_to_num(part.ok_in + part.failed_in)
    if not requests.any():
        return []
    rates = np.where(inner(run), requests / run.widths, np.nan)
    floor = NOTHING * float(np.nanmedian(rates[rates > 0])) if (rates > 0).any() else 0.0
    with np.errstate(divide="ignore", invalid="ignore"):
        shares = np.where(requests > 0, np.nan_to_num(part.failed_in) / requests, np.nan)
    levels = [
        Level("rate", "/s", np.fmax(rates, floor) + 0 * rates, True),
        Level("failures", "%", shares, False),
    ]
    if part.since is not None and has_means(run, part):
        levels.append(Level("mean latency", "ms", window_sums(part.since).means, True))
        levels.append(Level("mean content size", "bytes", window_sizes(part.since).means, True))
    ramp_s = files_ramp_up_s(run)
    is_ramp = ramp_s <= LONGEST_RAMP * float(run.starts[-1])
    return change_points(run.starts, levels, ramp_s if is_ramp else 0.0)


def text_of(point: ChangePoint) -> str:
    """Return what changed, such as `rate 50.0/s → 12.0/s`."""
    return ", ".join(
        f"{one.name} {amount(one.before, one.unit)} → {amount(one.after, one.unit)}" for one in point.changes
    )


def sentence(points: list[ChangePoint]) -> str:
    """Return what was seen, and how to get figures of the parts; empty without a change."""
    if not points:
        return ""
    seen = "; ".join(f"{clock(point.at_s)}, {text_of(point)}" for point in points[:MOST_TOLD])
    more = f"; and {len(points) - MOST_TOLD} more" if len(points) > MOST_TOLD else ""
    asked = " ".join(
        f"--phase {name}={start:g}..{'' if end is None else f'{end:g}'}"
        for name, (start, end) in suggested_phases(points).items()
    )
    return f"Something changed at {seen}{more}. No figure uses this: add {asked} for figures of the parts."
