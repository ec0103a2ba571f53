"""Means of windows from means since the start."""

import numpy as np
import pytest

from brownout_results.measure.cumulative import mean_ms, window_sums
from tests.results.measure.cumulative.totals import totals

NAN = float("nan")


@pytest.mark.parametrize(
    ("requests", "means", "off", "told"),
    [
        # 10 of 74 ms, then 10 of 2,120.
        ([0, 10, 20], [0, 74, 1097], 0.0, [74, 2120]),
        # The second row has no request; the mean before the first row is of no window.
        ([5, 10, 10, 20], [30, 20, 20, 35], 0.0, [10, NAN, 50]),
        # Totals are reset before the third row, and start from 0.
        ([0, 10, 20, 5, 10], [0, 10, 20, 7, 8], 0.0, [10, 30, 7, 9]),
        # Rounded to whole ms: 10 of 1,000 can't be told alone, only together with those around them.
        ([0, 1000, 1010, 2000], [0, 40, 40, 60], 0.5, [40, 80, 80]),
        # So far off that nothing can be told.
        ([0, 10], [0, 1], 0.5, [NAN]),
        # A sum that falls is no window; its row joins the next one.
        ([0, 10, 20, 30], [0, 50, 20, 40], 0.0, [50, 35, 35]),
        # The rest of the run, too short to be told alone.
        ([0, 1000, 1010], [0, 40, 40], 0.5, [40, NAN]),
        ([7], [3], 0.0, []),
    ],
)
def test_windows_have_the_means_that_totals_tell(
    requests: list[float], means: list[float], off: float, told: list[float]
) -> None:
    found = window_sums(totals(requests, means, off))

    np.testing.assert_allclose(found.means, told, rtol=1e-3)


def test_a_window_says_how_far_off_its_mean_may_be() -> None:
    found = window_sums(totals([0, 1000, 2000], [0, 40, 40], 0.1))

    assert found.off.tolist() == pytest.approx([0.1, 0.3])


def test_the_mean_of_a_stretch_is_that_of_its_requests() -> None:
    since = totals([0, 10, 20, 60], [0, 74, 1097, 400])

    assert mean_ms(since) == pytest.approx(400)
    assert mean_ms(since, np.array([False, True, True])) == pytest.approx((60 * 400 - 740) / 50)
    assert mean_ms(since, np.array([False, False, False])) is None


def test_columns_that_a_file_lacks_tell_nothing() -> None:
    since = totals([0, 10, 20], [NAN, NAN, NAN])

    assert np.isnan(window_sums(since).means).all()
    assert mean_ms(since) is None
