"""Bounds of windows' percentiles from percentiles since the start."""

import math
from itertools import pairwise

import numpy as np
import pytest

from brownout_results.measure.cumulative import bands, slowest
from brownout_results.measure.cumulative.count_bounds import CountBounds
from brownout_results.measure.cumulative.rounding import highest, lowest, rounded
from tests.results.measure.cumulative.totals import counted


@pytest.mark.parametrize(
    ("value", "counted_as", "shortest", "longest"),
    [
        (0.4, 0, 0, 0.5),
        (99.4, 99, 98.5, 99.5),
        (99.7, 100, 99.5, 105),
        (147, 150, 145, 155),
        (998, 1000, 995, 1050),
        (3432, 3400, 3350, 3450),
        (58_760, 59_000, 58_500, 59_500),
        (123_456, 123_000, 122_500, 123_500),
    ],
)
def test_durations_are_rounded_as_locust_rounds(
    value: float, counted_as: float, shortest: float, longest: float
) -> None:
    assert rounded(np.array([value])).tolist() == [counted_as]
    assert (lowest(counted_as), highest(counted_as)) == (shortest, longest)


def bounds(
    requests: list[float], percentiles: dict[float, list[float]], highs: list[float] | None = None
) -> CountBounds:
    unknown = [math.nan] * len(requests)
    values = {percent: np.array(column, np.float64) for percent, column in percentiles.items()}
    return CountBounds.of(
        np.array(requests, np.float64), values, np.array(unknown), np.array(highs or unknown)
    )


@pytest.mark.parametrize(
    ("found", "percent", "low", "high"),
    [
        # All of the run: the percentile itself, within half a step.
        (bounds([0, 1000], {50: [0, 40], 95: [0, 200], 100: [0, 900]}), 95, 195, 205),
        # Half of it: with two percentiles alone, nothing says how fast the window's first half was.
        (bounds([0, 1000, 2000], {50: [0, 40, 40], 95: [0, 200, 200], 100: [0, 900, 900]}), 95, 0, 905),
        # p95 rose: 50 and more of the window's 1,000 requests took that long.
        (bounds([0, 1000, 2000], {50: [0, 40, 40], 95: [0, 200, 700], 100: [0, 900, 900]}), 95, 695, 905),
        # A hundredth of the run tells nothing but the maximum, …
        (bounds([0, 99_000, 100_000], {50: [0, 40, 40], 100: [0, 900, 900]}), 95, 0, 905),
        # … which is known exactly if the file has it.
        (bounds([0, 10], {50: [0, 40]}, [0, 777]), 95, 39.5, 777),
        # Nothing tells how long the slowest took.
        (bounds([0, 10], {50: [0, 40]}), 95, 39.5, math.inf),
    ],
)
def test_a_window_s_percentile_lies_within_what_totals_allow(
    found: CountBounds, percent: float, low: float, high: float
) -> None:
    assert found.percentile_ms(len(found.requests) - 2, len(found.requests) - 1, percent) == (low, high)


def test_a_percentile_that_moves_tells_the_counts_of_the_rows_around_it() -> None:
    found = bounds([0, 1000, 1010, 2000], {50: [0, 40, 50, 50], 100: [0, 900, 900, 900]})

    at_40 = found.durations_ms.tolist().index(40)
    assert found.least[:, at_40].tolist() == [0, 501, 501, 501]
    assert found.most[:, at_40].tolist() == [0, 505, 505, 1000]


def test_no_request_has_no_percentile() -> None:
    with pytest.raises(ValueError, match="no request ended"):
        bounds([10, 10], {50: [40, 40]}).percentile_ms(0, 1, 50)


def simulated(seconds: int, spread: float, slow: range) -> list[list[float]]:
    random = np.random.default_rng(7)
    return [
        (50 * (5 if second in slow else 1) * np.exp(random.normal(0, spread, 40))).tolist()
        for second in range(seconds)
    ]


@pytest.mark.parametrize("spread", [0.2, 0.5, 1.0])
@pytest.mark.parametrize("percent", [50.0, 95.0])
def test_bands_hold_the_truth_and_show_a_fault(spread: float, percent: float) -> None:
    rows = simulated(200, spread, range(80, 110))
    found = bands(counted(rows), [percent])[percent]

    edges = [0, *(np.flatnonzero(np.diff(found.low_ms) != 0) + 1).tolist(), len(rows)]
    told = 0
    for start, stop in pairwise(edges):
        if math.isfinite(found.high_ms[start]):
            durations = np.concatenate(rows[start:stop])
            truth = float(np.percentile(durations, percent, method="higher"))
            assert found.low_ms[start] - 1e-9 <= truth <= found.high_ms[start] + 1e-9
            told += stop - start
    assert told > 60
    assert found.is_told
    if spread == 0.5 and percent == 95:
        assert np.nanmin(found.low_ms[90:105]) > np.nanmax(found.high_ms[40:70])


def test_a_maximum_that_rises_dates_the_slowest_request() -> None:
    since = counted([[10.0, 20.0], [15.0], [812.5, 30.0], [40.0]])

    assert slowest(since) == [(0, 20.0), (2, 812.5)]


def test_durations_that_a_locustfile_rounds_less_are_within_the_bounds() -> None:
    """Locust lets one replace its rounding, for example by one to three digits."""
    durations = np.round(np.random.default_rng(5).normal(147, 6, 2000))
    requests = np.array([0.0, 1000.0, 2000.0])
    parts = [durations[:1000], durations]
    percentiles = {
        percent: np.array([0.0, *(float(np.percentile(one, percent, method="higher")) for one in parts)])
        for percent in (50.0, 66.0, 75.0, 80.0, 90.0, 95.0, 98.0, 99.0, 100.0)
    }
    lows, highs = (np.array([0.0, *(float(of(part)) for part in parts)]) for of in (np.min, np.max))
    found = CountBounds.of(requests, percentiles, lows, highs)

    low, high = found.percentile_ms(1, 2, 95)
    assert low <= np.percentile(durations[1000:], 95, method="higher") <= high


def test_a_day_s_rows_are_looked_at_several_at_once() -> None:
    since = counted([row[:10] for row in simulated(20, 0.3, range(0))] * 65)

    assert bands(since, [95.0])
