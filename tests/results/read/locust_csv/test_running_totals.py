"""Counts and times of rows, on literals."""

import numpy as np
import pytest

from brownout_results.read.locust_csv.running_totals import grown, held, last_of_each, loaded, widths_of


def array(*values: float) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.array(values, float)


def test_a_total_that_falls_was_reset_and_counts_from_zero_again() -> None:
    assert grown(array(0, 10, 25, 4, 9)).tolist() == [10, 15, 4, 5]


def test_rows_of_one_second_are_one() -> None:
    assert last_of_each(array(5, 6, 6, 6, 7)).tolist() == [0, 3, 4]
    assert last_of_each(array()).tolist() == []


@pytest.mark.parametrize(
    ("stamps", "added", "widths"),
    [
        pytest.param([0, 1, 2, 3], [9, 9, 9], [1, 1, 1], id="a row a second"),
        pytest.param([0, 2, 4, 6], [9, 9, 9], [2, 2, 2], id="a row each two seconds"),
        pytest.param(
            [0, 1, 2, 4, 5], [9, 9, 9, 9], [4 / 3, 4 / 3, 4 / 3, 1], id="a second without a row or requests"
        ),
        pytest.param([0, 1, 2, 4, 5], [9, 9, 18, 9], [1, 1, 2, 1], id="a row that stands for two seconds"),
        pytest.param([0, 1, 2, 9, 10], [9, 9, 63, 9], [1, 1, 7, 1], id="many rows missing"),
        pytest.param([0, 1, 2, -60, -59], [9, 9, 9, 9], [1, 1, 1, 1], id="a clock that was set back"),
    ],
)
def test_a_row_is_about_the_seconds_since_the_row_before(
    stamps: list[float], added: list[float], widths: list[float]
) -> None:
    assert widths_of(array(*stamps), array(*added)) == pytest.approx(widths)


def test_what_is_before_the_first_request_and_after_the_last_user_is_no_load() -> None:
    assert loaded(array(0, 0, 5, 0, 5, 0, 0), array(0, 3, 3, 3, 3, 3, 0)) == slice(2, 6)
    assert loaded(array(0, 0), array(3, 3)) == slice(0, 0)
    assert loaded(array(0, 5, 0), array(np.nan, np.nan, np.nan)) == slice(1, 3)


def test_an_endpoint_keeps_its_total_where_it_has_no_row() -> None:
    assert held(np.array([1, 3]), array(5, 8), 5).tolist() == [0, 5, 5, 8, 8]
