"""What is told from histories that Locust's own code wrote is true: the benchmark's figures."""

import pytest

from bench.cumulative import measure


@pytest.mark.slow
def test_means_and_bounds_from_locust_s_own_histories_are_true() -> None:
    found = {name: value for name, value in measure(seed=2).items() if value is not None}

    assert found["mean_error"] <= 1e-6
    assert found["truncated_inside"] >= 0.99
    assert found["inside"] >= 0.99
    assert found["told"] > 0.6
