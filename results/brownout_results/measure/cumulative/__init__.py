"""Latency of stretches of a run, from totals and percentiles that count from its start. Pure."""

from .percentile_bands import Band, bands, slowest, stretch_bounds
from .told_bounds import ToldBounds, told_bounds
from .window_means import WindowSums, mean_ms, window_sizes, window_sums

__all__ = [
    "Band",
    "ToldBounds",
    "WindowSums",
    "bands",
    "mean_ms",
    "slowest",
    "stretch_bounds",
    "told_bounds",
    "window_sizes",
    "window_sums",
]
