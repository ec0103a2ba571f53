"""Percentiles of a whole run from those of its moments."""

import numpy as np
import pytest

from brownout_results.measure.window_percentiles import window_percentiles, window_ranges
from brownout_results.read.locust_csv import RequestStats

PERCENTS = (50.0, 90.0, 95.0, 99.0, 100.0)


def part(rows: list[tuple[float, ...]], weights: list[float]) -> RequestStats:
    """Requests whose history has these percentiles."""
    columns = {
        percent: np.array(values) for percent, values in zip(PERCENTS, zip(*rows, strict=True), strict=True)
    }
    counts = np.array(weights)
    return RequestStats(
        requests=int(counts.sum()), failed=0, ok_in=counts, failed_in=0 * counts, percentiles_in=columns
    )


def test_of_rows_alike_they_are_those_of_every_row() -> None:
    one = (10.0, 20.0, 30.0, 40.0, 50.0)
    assert window_percentiles(part([one] * 5, [7.0] * 5)) == dict(zip(PERCENTS, one, strict=True))


def test_a_busy_row_counts_more_and_an_empty_one_not_at_all() -> None:
    slow, fast, nothing = (900.0,) * 5, (10.0,) * 5, (np.nan,) * 5
    found = window_percentiles(part([fast, slow, nothing], [97.0, 3.0, 0.0]))

    assert (found[50.0], found[95.0], found[99.0]) == (10, 10, 900)


def test_they_are_near_the_truth_and_within_the_rows() -> None:
    random = np.random.default_rng(1)
    windows = [np.exp(random.normal(3 + level, 0.5, 2000)) for level in (0.0, 0.3, -0.2, 1.0)]
    rows = [tuple(np.percentile(one, PERCENTS)) for one in windows]

    found = window_percentiles(part(rows, [2000.0] * 4))

    true = np.percentile(np.concatenate(windows), PERCENTS)
    assert found[95.0] == pytest.approx(true[2], rel=0.25)
    for percent, (low, high) in window_ranges(part(rows, [1.0] * 4)).items():
        assert low <= found[percent] <= high


def test_without_rows_there_are_none() -> None:
    assert window_percentiles(RequestStats(requests=1, failed=0)) == {}
