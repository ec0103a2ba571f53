"""What to know of a comparison whose runs had other numbers of users on average: a sentence a run."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from brownout_terms.texts import short

from .charts.data import ChartData

APART = 0.1
"""A larger relative difference of the mean number of users is told."""

SAME_PEAK = 0.01


def users_differ(tracks: Sequence[ChartData]) -> list[str]:
    """Return the sentences. A run in open loop has none, since users don't make its load; nor has one with
    another peak, which is told elsewhere."""
    known = [(track, *_users(track)) for track in tracks]
    if not known or known[0][1] <= 0:
        return []
    first, usual, peak = known[0]
    return [
        f"{short(track.name)} had {mean:.0f} users on average and {short(first.name)} {usual:.0f}, though "
        "both had as many at most: rates of all requests differ by that alone. Compare phases with as many "
        "users: --phase."
        for track, mean, most in known[1:]
        if abs(most - peak) <= SAME_PEAK * peak and abs(mean - usual) > APART * usual
    ]


def _users(track: ChartData) -> tuple[float, float]:
    """The mean and the largest number; 0 if there is none, or the load was open."""
    if track.users is None or "offered" in track.rates or not np.isfinite(track.users).any():
        return 0.0, 0.0
    return float(np.nanmean(track.users)), float(np.nanmax(track.users))
