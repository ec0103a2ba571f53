"""Totals since the start at the edges of a history's rows, and how exact their means are."""

from pathlib import Path

import numpy as np
import pytest

from brownout_results.read.locust_csv import read
from brownout_results.read.locust_csv.since_start import unrounded

REAL = Path(__file__).with_name("real")


@pytest.mark.parametrize(
    ("means", "are_truncated", "middle", "off"),
    [
        ([74.2531287, 75.1, 76.99], False, [74.2531287, 75.1, 76.99], 0.5e-7),
        ([100 / 7, 200 / 7, 300 / 7], False, [100 / 7, 200 / 7, 300 / 7], 0.0),
        ([74.25, 75.1, 76.99], False, [74.25, 75.1, 76.99], 0.005),
        ([74.0, 75.0, 76.0], False, [74.0, 75.0, 76.0], 0.5),
        ([16.0, 16.0, 16.0], False, [16.0, 16.0, 16.0], 0.0),
        ([0.0, 74.0, 75.0], True, [0.0, 74.5, 75.5], 0.5),
        ([16.0, 16.0], True, [16.5, 16.5], 0.5),
        ([], False, [], 0.0),
        ([float("nan"), 3.5], False, [float("nan"), 3.5], 0.0),
    ],
)
def test_means_are_as_exact_as_their_digits(
    means: list[float], are_truncated: bool, middle: list[float], off: float
) -> None:
    found, found_off = unrounded(np.array(means), are_truncated=are_truncated)

    np.testing.assert_allclose(found, middle)
    assert found_off == pytest.approx(off)


@pytest.mark.parametrize(
    ("version", "off", "percents"),
    [
        ("0.14.6", 0.5, 0),
        ("1.1-full", 0.5, 0),
        ("1.2-full", 0.0, 6),
        ("2.44.0", 0.0, 11),
        ("2.47.0-full", 0.0, 0),
    ],
)
def test_real_files_tell_totals_at_the_edges_of_their_rows(version: str, off: float, percents: int) -> None:
    run = read(REAL / version)
    since = run.total.since

    assert since is not None
    assert len(since.requests) == len(since.mean_ms) == len(run.starts) + 1
    assert np.diff(since.requests) == pytest.approx(run.total.ok_in + run.total.failed_in)
    assert since.mean_off_ms == off
    assert len(since.percentiles_ms) == percents
    assert since.from_row(2).requests.tolist() == since.requests[2:].tolist()


def test_endpoints_that_have_rows_have_totals_of_their_own() -> None:
    run = read(REAL / "2.47.0-full")

    for part in run.endpoints:
        assert part.since is not None
        assert np.diff(part.since.requests) == pytest.approx(part.ok_in + part.failed_in)
