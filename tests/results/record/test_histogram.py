"""Histograms: HdrHistogram's buckets and percentiles, and nothing lost when they add up."""

import math

import numpy as np
import pytest
from hdrh.histogram import HdrHistogram
from hypothesis import given, settings
from hypothesis import strategies as st

from brownout_results.record import Histogram
from brownout_results.record.histogram import HIGHEST_US, LOWEST_US, SIGNIFICANT_DIGITS, bucket_of, highest_in

DURATIONS = st.lists(st.integers(LOWEST_US, HIGHEST_US), min_size=1, max_size=60)
PERCENTS = st.floats(0.001, 100)


def hdr_of(durations: list[int]) -> HdrHistogram:
    """The reference."""
    hdr = HdrHistogram(LOWEST_US, HIGHEST_US, SIGNIFICANT_DIGITS)
    for duration in durations:
        hdr.record_value(duration)
    return hdr


def pairs(histogram: Histogram) -> dict[int, int]:
    return dict(zip(histogram.buckets.tolist(), histogram.counts.tolist(), strict=True))


@settings(max_examples=15, deadline=None)  # hdrh takes a millisecond a percentile
@given(DURATIONS, st.lists(PERCENTS, min_size=1, max_size=3))
def test_percentiles_maximum_and_mean_are_those_of_hdrhistogram(
    durations: list[int], percents: list[float]
) -> None:
    ours, hdr = Histogram.of(durations), hdr_of(durations)

    assert ours.count == len(durations)
    assert ours.percentiles_us(percents) == [hdr.get_value_at_percentile(percent) for percent in percents]
    assert ours.max_us == hdr.get_max_value()
    assert ours.mean_us == pytest.approx(hdr.get_mean_value())


@given(st.lists(DURATIONS, max_size=5))
def test_parts_add_up_to_the_whole(parts: list[list[int]]) -> None:
    whole = Histogram.of([duration for part in parts for duration in part])

    assert pairs(Histogram.sum(map(Histogram.of, parts))) == pairs(whole)


@given(DURATIONS)
def test_a_packed_histogram_is_the_same_unpacked(durations: list[int]) -> None:
    histogram = Histogram.of(durations)

    assert pairs(Histogram.unpack(*histogram.pack())) == pairs(histogram)


@given(st.integers(LOWEST_US, HIGHEST_US))
def test_a_bucket_is_no_wider_than_a_thousandth_of_what_falls_into_it(duration: int) -> None:
    highest = int(highest_in(bucket_of([duration]))[0])

    assert duration <= highest <= duration * 1.001


@pytest.mark.parametrize(
    ("duration", "counted_as"),
    [
        (0.2, 1),
        (0, 1),
        (-5, 1),
        (math.nan, 1),
        (1, 1),
        (2047.9, 2047),
        (HIGHEST_US, HIGHEST_US),
        (HIGHEST_US * 10.0, HIGHEST_US),
    ],
)
def test_what_lies_outside_of_the_range_counts_as_its_nearest_end(duration: float, counted_as: int) -> None:
    assert bucket_of([duration]).tolist() == bucket_of([counted_as]).tolist()


def test_an_empty_histogram_has_no_percentiles_rather_than_zeros() -> None:
    empty = Histogram.sum([])

    assert empty.count == empty.max_us == 0
    assert np.isnan([empty.mean_us, *empty.percentiles_us([50, 99])]).all()
