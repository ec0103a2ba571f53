"""Totals since the start as a history has them: by hand, or of durations as Locust counts them."""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from brownout_results.read.locust_csv import SinceStart

SHARES = (0.5, 0.66, 0.75, 0.8, 0.9, 0.95, 0.98, 0.99, 0.999, 0.9999, 1.0)


def totals(requests: Sequence[float], means: Sequence[float], off: float = 0.0) -> SinceStart:
    """Totals at the edges of rows, with nothing but counts and means."""
    unknown = np.full(len(requests), np.nan)
    return SinceStart(
        requests=np.array(requests, np.float64),
        mean_ms=np.array(means, np.float64),
        mean_off_ms=off,
        size=np.array(means, np.float64),
        size_off=off,
        min_ms=unknown,
        max_ms=unknown,
    )


def rounded(value: float) -> int:
    """As `bucket_response_time` of Locust does."""
    return int(round(value, 0 if value < 100 else -1 if value < 1000 else -2 if value < 10_000 else -3))


def percentile(counts: Counter[int], share: float) -> int:
    """As `calculate_response_time_percentile` of Locust does."""
    requests = left = counts.total()
    for value in sorted(counts, reverse=True):
        left -= counts[value]
        if left <= int(requests * share):
            return value
    return 0


def counted(rows: Sequence[Sequence[float]]) -> SinceStart:
    """The totals of these durations in ms, a row each."""
    counts: Counter[int] = Counter()
    seen: list[float] = []
    lines = [(0.0,) * (4 + len(SHARES))]
    for row in rows:
        seen += row
        counts.update(rounded(one) for one in row)
        shares = [float(percentile(counts, share)) for share in SHARES]
        lines.append((float(len(seen)), sum(seen) / len(seen), min(seen), max(seen), *shares))
    requests, means, lows, highs, *percentiles = np.array(lines, np.float64).T
    return SinceStart(
        requests=requests,
        mean_ms=means,
        size=means,
        min_ms=lows,
        max_ms=highs,
        percentiles_ms={100 * share: values for share, values in zip(SHARES, percentiles, strict=True)},
    )
