"""What a threshold can be about: figures by their keys, and any percentile; see docs/thresholds.md."""

from __future__ import annotations

import difflib
import re

from brownout_results.measure.figures import METRICS, PINNED_PERCENTILES, Figure, percentile
from brownout_results.record import LATENCY, SERVICE

_PERCENTILE = re.compile(r"(service_)?p(\d{1,2}(?:\.\d{1,3})?)")


def find(name: str) -> Figure:
    """Return the figure with this key. Raises KeyError."""
    match = _PERCENTILE.fullmatch(name)
    if match is None or not float(match[2]):
        return METRICS[name]
    return percentile(float(match[2]), SERVICE if match[1] else LATENCY)


def percent_of(name: str) -> float | None:
    """Return the percentage of the percentile with this key; None if it is none."""
    match = _PERCENTILE.fullmatch(name)
    return float(match[2]) if match else None


def nearest(name: str) -> str | None:
    """Return the key that may have been meant."""
    return next(iter(difflib.get_close_matches(name.lower(), [*METRICS, *PINNED_PERCENTILES], n=1)), None)
