"""How long a request is delayed: a pure function of the settings and one random number."""

from random import Random
from statistics import fmean, stdev
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from brownout_faults.kinds.latency import MAX_MS, Latency, delay_ms

DISTRIBUTIONS = ["uniform", "normal", "pareto"]


@pytest.mark.parametrize(
    ("latency", "draw", "expected"),
    [
        # Constant: the draw doesn't matter.
        (Latency(ms=200), 0.0, 200),
        (Latency(ms=200), 0.99, 200),
        # Uniform: from ms - jitter_ms to ms + jitter_ms.
        (Latency(ms=200, jitter_ms=50, distribution="uniform"), 0.0, 150),
        (Latency(ms=200, jitter_ms=50, distribution="uniform"), 0.5, 200),
        (Latency(ms=200, jitter_ms=50, distribution="uniform"), 0.75, 225),
        # Normal: the median is ms, and 84.13 % lie below one standard deviation above it.
        (Latency(ms=200, jitter_ms=50, distribution="normal"), 0.5, 200),
        (Latency(ms=200, jitter_ms=50, distribution="normal"), 0.8413447, 250),
        # Pareto: never below ms; 3/4 lie below ms + jitter_ms, 99 % below ms + 9 jitter_ms.
        (Latency(ms=200, jitter_ms=50, distribution="pareto"), 0.0, 200),
        (Latency(ms=200, jitter_ms=50, distribution="pareto"), 0.75, 250),
        (Latency(ms=200, jitter_ms=50, distribution="pareto"), 0.99, 650),
        # Never negative, never beyond the limit.
        (Latency(ms=10, jitter_ms=50, distribution="uniform"), 0.0, 0),
        (Latency(ms=10, jitter_ms=50, distribution="normal"), 0.0, 0),
        (Latency(ms=MAX_MS, jitter_ms=MAX_MS, distribution="pareto"), 0.99, MAX_MS),
    ],
)
def test_the_documented_formulas(latency: Latency, draw: float, expected: float) -> None:
    assert delay_ms(latency, draw) == pytest.approx(expected, abs=1e-3)


@settings(deadline=None)
@given(
    st.sampled_from(DISTRIBUTIONS),
    st.integers(0, MAX_MS),
    st.integers(0, MAX_MS),
    st.floats(0, 1, exclude_max=True),
)
def test_every_delay_is_within_bounds(distribution: Any, ms: int, jitter_ms: int, draw: float) -> None:
    latency = Latency(ms=ms, jitter_ms=jitter_ms, distribution=distribution)
    assert 0 <= delay_ms(latency, draw) <= MAX_MS


@pytest.mark.parametrize(
    ("distribution", "mean", "deviation"),
    [
        ("uniform", 1000, 100 / 3**0.5),
        ("normal", 1000, 100),
        ("pareto", 1100, None),  # without a finite variance
    ],
)
def test_mean_and_spread_are_as_documented(distribution: Any, mean: float, deviation: float | None) -> None:
    latency = Latency(ms=1000, jitter_ms=100, distribution=distribution)
    random = Random(1)
    delays = [delay_ms(latency, random.random()) for _ in range(20_000)]
    assert fmean(delays) == pytest.approx(mean, rel=0.01)
    if deviation is not None:
        assert stdev(delays) == pytest.approx(deviation, rel=0.05)


def test_jitter_without_a_distribution_is_refused() -> None:
    """A constant delay does not spread: to ignore the jitter would surprise."""
    with pytest.raises(
        ValueError, match="jitter_ms is 50 and the distribution is constant; allowed: jitter_ms 0"
    ):
        Latency(ms=200, jitter_ms=50)
