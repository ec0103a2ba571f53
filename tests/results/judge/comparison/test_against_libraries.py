"""The few lines of statistics that are our own give what arch and scipy give."""

import math

import numpy as np
import pytest
from arch.bootstrap import optimal_block_length
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from brownout_results.judge.comparison.student import quantile, two_sided
from brownout_results.measure.resampling.block_lengths import FEWEST, circular_lengths


def wandering(bins: int, memory: float, seed: int) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Four columns, each value of which is `memory` times the one before it, and noise."""
    noise = np.random.default_rng(seed).standard_normal((bins, 4))
    values = noise.copy()
    for row in range(1, bins):
        values[row] += memory * values[row - 1]
    return values


@pytest.mark.parametrize("bins", [FEWEST, 10, 17, 60, 600, 7200])
@pytest.mark.parametrize("memory", [-0.5, 0.0, 0.6, 0.95, 1.0])
def test_block_lengths_are_those_of_arch(bins: int, memory: float) -> None:
    for seed in range(5):
        values = wandering(bins, memory, seed)
        with np.errstate(all="ignore"):
            expected = optimal_block_length(values)["circular"].to_numpy()
        np.testing.assert_allclose(circular_lengths(values), expected, rtol=1e-11)


def test_a_column_that_tells_its_next_value_exactly_has_the_length_that_arch_gives() -> None:
    values = np.column_stack([np.tile([1.0, -1.0], 20), np.arange(40.0), np.eye(40)[0]])
    with np.errstate(all="ignore"):
        expected = optimal_block_length(values)["circular"].to_numpy()
    np.testing.assert_allclose(circular_lengths(values), expected, rtol=1e-11)


@pytest.mark.parametrize("degrees", [0.1, 0.5, 1, 1.7, 2, 5, 30, 99.9, 100.1, 1e3, 1e6, 1e9, math.inf])
@pytest.mark.parametrize("share", [0.51, 0.6, 0.9, 0.975, 0.999, 0.9999])
def test_the_quantile_of_t_is_that_of_scipy(share: float, degrees: float) -> None:
    expected = stats.t.ppf(share, degrees)
    assert quantile(share, degrees) == pytest.approx(expected, rel=1e-10)
    assert quantile(1 - share, degrees) == pytest.approx(-expected, rel=1e-10)


@settings(deadline=None, max_examples=500)
@given(st.floats(-60, 60), st.floats(0.05, 1e9))
def test_the_tails_of_t_are_those_of_scipy(t: float, degrees: float) -> None:
    assert two_sided(t, degrees) == pytest.approx(2 * stats.t.sf(abs(t), degrees), rel=1e-9, abs=1e-300)


def test_what_has_no_degrees_of_freedom_has_no_quantile() -> None:
    assert math.isnan(quantile(0.975, 0.0))
    assert math.isnan(two_sided(1.0, -1.0))
    assert (quantile(0.5, 3), two_sided(0.0, 3), two_sided(math.inf, 3)) == (0, 1, 0)
