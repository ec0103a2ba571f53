"""Thinning a series for a chart: nothing that could be seen is lost."""

import numpy as np
import pytest

from brownout_results.report.charts.downsampling import kept


def test_a_series_that_fits_is_drawn_whole() -> None:
    assert kept([np.arange(20.0)], 10).tolist() == list(range(20))


@pytest.mark.parametrize("seed", range(5))
def test_of_a_day_the_highest_and_the_lowest_of_every_stretch_and_every_gap_are_drawn(seed: int) -> None:
    random = np.random.default_rng(seed)
    columns = [random.lognormal(size=86_400), random.normal(size=86_400)]
    columns[0][random.integers(0, 86_400, 50)] = np.nan
    columns[1][40_000:45_000] = np.nan
    width = -(-86_400 // 600)

    positions = kept(columns, 600)

    assert len(positions) <= 2 + 600 * 6
    for start in range(0, 86_400, width):
        here = positions[(positions >= start) & (positions < start + width)]
        for column in columns:
            stretch = column[start : start + width]
            if not np.isnan(stretch).all():
                assert np.nanmax(column[here]) == np.nanmax(stretch)
                assert np.nanmin(column[here]) == np.nanmin(stretch)
            assert np.isnan(column[here]).any() == np.isnan(stretch).any()


def test_one_slow_second_of_a_day_is_drawn() -> None:
    day = np.full(86_400, 10.0)
    day[51_234] = 900.0

    assert 51_234 in kept([day], 600)


def test_the_ends_are_drawn_and_a_last_stretch_that_is_not_full_invents_no_gap() -> None:
    positions = kept([np.ones(1001)], 10)

    assert positions[0] == 0
    assert positions[-1] == 1000
    assert positions.max() < 1001


def test_of_nothing_nothing_is_drawn() -> None:
    assert kept([], 10).tolist() == []
    assert kept([np.empty(0)], 10).tolist() == []
