"""Latency of stretches of a run, from totals and percentiles that count from its start. Pure."""

from .latency_over_time import LatencyOverTime, bands, latency_over_time, slowest, stretch_bounds
from .told_bounds import ToldBounds, told_bounds
from .window_means import WindowSums, mean_ms, window_sums

__all__ = [
    "LatencyOverTime",
    "ToldBounds",
    "WindowSums",
    "bands",
    "latency_over_time",
    "mean_ms",
    "slowest",
    "stretch_bounds",
    "told_bounds",
    "window_sums",
]
