"""Percentiles of a whole run from those of its moments, where the files have no others. Pure.

Each row of such a history has the percentiles of the seconds before it. Mixed by how many requests ended in
each row, they are near those of the whole run; surely these lie between the lowest and the highest row.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from brownout_results.read.locust_csv import RequestStats


def window_percentiles(part: RequestStats) -> dict[float, float]:
    """Return the estimated percentiles in ms, by percent; none if the history has none of the moment."""
    percents = sorted(part.percentiles_in)
    if not percents or not len(part.ok_in):
        return {}
    values = np.column_stack([part.percentiles_in[percent] for percent in percents])
    weights = np.nan_to_num(part.ok_in + part.failed_in)
    known = np.isfinite(values).all(axis=1) & (values > 0).all(axis=1) & (weights > 0)
    if not known.any():
        return {}
    masses = np.diff(np.array([0.0, *percents])) / 100
    durations, counts = values[known].ravel(), np.outer(weights[known], masses).ravel()
    order = np.argsort(durations, kind="stable")
    share = np.cumsum(counts[order])
    wanted = np.array(percents) / 100 * float(weights[known].sum())
    at = np.minimum(np.searchsorted(share, wanted * (1 - 1e-9)), len(order) - 1)
    return dict(zip(percents, durations[order][at].tolist(), strict=True))


def window_ranges(part: RequestStats) -> Mapping[float, tuple[float, float]]:
    """Return the lowest and the highest of each percentile in any row, in ms."""
    return {
        percent: (float(np.nanmin(values[values > 0])), float(np.nanmax(values)))
        for percent, values in part.percentiles_in.items()
        if (values > 0).any()
    }
