"""Latency of stretches of a run, from totals and percentiles that count from its start. Pure."""

from .latency_over_time import LatencyOverTime, latency_over_time
from .told_bounds import ToldBounds, told_bounds
from .window_means import WindowSums, mean_ms, window_sums

__all__ = [
    "LatencyOverTime",
    "ToldBounds",
    "WindowSums",
    "latency_over_time",
    "mean_ms",
    "told_bounds",
    "window_sums",
]
