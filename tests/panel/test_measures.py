"""A window is what all of its requests were, not the mean of its seconds."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from brownout_panel.measures import LONGEST_S, Calls, Window
from brownout_results.record import Histogram
from tests.panel.seconds import measured

MEDIAN = {"50": 50.0}


def window(*rows: Any) -> Window:
    """A window of these seconds."""
    made = Window()
    for row in rows:
        made.add(row)
    return made


def test_a_percentile_is_of_all_requests_and_no_mean_of_the_seconds() -> None:
    """999 requests of 10 ms in one second and one of 1,000 ms in the next: a mean would say 505 ms."""
    measures = window(measured(100, ok=999, error=0, ms=10), measured(101, ok=1, error=0, ms=1_000)).measures(
        102.3, 2, {"50": 50.0, "99.9": 99.9, "100": 100.0}
    )
    assert measures.latency_ms == {
        "50": pytest.approx(10, rel=0.002),
        "99.9": pytest.approx(10, rel=0.002),
        "100": pytest.approx(1_000, rel=0.002),
    }
    assert (measures.requests, measures.throughput) == (1_000, 500)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.lists(st.floats(0.01, 10_000), max_size=30), min_size=1, max_size=10))
def test_seconds_measured_apart_are_as_if_measured_together(seconds: list[list[float]]) -> None:
    rows = [
        measured(100 + index, ok=len(times), error=0)._replace(
            latency=Histogram.of([time * 1000 for time in times])
        )
        for index, times in enumerate(seconds)
    ]
    together = Histogram.of([time * 1000 for times in seconds for time in times])
    measures = window(*rows).measures(100.0 + len(rows), 60, {"95": 95.0})
    expected = round(together.percentile_us(95) / 1000, 3) if together.count else None
    assert measures.latency_ms["95"] == expected
    assert measures.requests == together.count


def test_shares_are_of_the_requests_and_rates_of_the_seconds_that_were_recorded() -> None:
    measures = window(measured(100, ok=90, error=10), measured(101, ok=0, error=100)).measures(
        102, 10, MEDIAN
    )
    assert (measures.window_s, measures.seconds) == (10, 2)
    assert measures.outcomes == {"ok": 90, "fallback": 0, "error": 110, "tunnel": 0}
    assert (measures.availability, measures.degraded_availability) == (0.45, 0.45)
    assert (measures.throughput, measures.goodput, measures.offered) == (100, 45, 100)
    assert measures.users == 20


def test_only_the_last_seconds_count() -> None:
    measures = window(measured(100, ok=0, error=100), measured(101, ok=7, error=0)).measures(102.9, 1, MEDIAN)
    assert (measures.seconds, measures.requests, measures.availability) == (1, 7, 1)


@pytest.mark.parametrize(("now", "seconds"), [(102.0, 1), (103.99, 1), (105.0, 0)])
def test_a_second_that_comes_late_is_waited_for_and_an_old_one_is_not_taken_for_new(
    now: float, seconds: int
) -> None:
    assert window(measured(101)).measures(now, 1, MEDIAN).seconds == seconds


def test_without_a_request_nothing_is_known() -> None:
    measures = window().measures(100, 10, MEDIAN)
    assert (measures.seconds, measures.requests) == (0, 0)
    for value in (
        measures.throughput,
        measures.goodput,
        measures.availability,
        measures.offered,
        measures.users,
    ):
        assert value is None
    assert measures.latency_ms == {"50": None}
    assert measures.retry_amplification is None
    idle = window(measured(100, ok=0, error=0)).measures(101, 10, MEDIAN)
    assert (idle.throughput, idle.availability, idle.latency_ms["50"]) == (0, None, None)


def test_amplification_is_of_the_windows_calls() -> None:
    rows = window(
        measured(100, calls=Calls(100, 100)),
        measured(101, calls=Calls(200, 300)),
        measured(102, calls=Calls(300, 500)),
    )
    assert rows.measures(103, 2, MEDIAN).retry_amplification == 2
    assert rows.measures(103, 3, MEDIAN).retry_amplification == pytest.approx(5 / 3)


def test_another_run_begins_anew_and_the_longest_window_is_kept() -> None:
    rows = window(*(measured(t, ok=1, error=0) for t in range(LONGEST_S + 10)))
    assert rows.measures(LONGEST_S + 10.0, LONGEST_S, MEDIAN).seconds == LONGEST_S
    rows.clear()
    assert rows.measures(LONGEST_S + 10.0, LONGEST_S, MEDIAN).seconds == 0
