"""Counts of what the load meant to send and what it sent."""

from brownout_loadtest.meter import LoadMeter, add, empty, percentile_us


def test_offered_and_dropped_count_when_due_and_started_when_started() -> None:
    meter = LoadMeter()
    for _ in range(3):
        meter.offer(10)
    meter.drop(10)
    meter.start(10, 0.0)
    meter.start(11, 0.9)
    assert meter.drain() == {
        10: {"offered": 3, "started": 1, "dropped": 1, "lateness_us": [[0, 1]]},
        11: {"offered": 0, "started": 1, "dropped": 0, "lateness_us": [[900_000, 1]]},
    }


def test_a_drained_meter_starts_from_nothing() -> None:
    meter = LoadMeter()
    meter.start(10, 0.001)
    meter.drain()
    assert meter.drain() == {}


def test_in_closed_loop_what_is_started_was_offered() -> None:
    meter = LoadMeter()
    meter.closed_loop(5, 1)
    assert meter.drain() == {5: {"offered": 1, "started": 1, "dropped": 0, "lateness_us": []}}


def test_lateness_keeps_two_digits_and_is_never_negative() -> None:
    meter = LoadMeter()
    for seconds in (-1e-6, 4.2e-6, 99e-6, 123e-6, 0.0456789, 12.3456):
        meter.start(1, seconds)
    values = [value for value, _ in meter.drain()[1]["lateness_us"]]
    assert values == [0, 4, 99, 120, 46_000, 12_000_000]


def test_seconds_of_several_workers_add_up() -> None:
    one, other = LoadMeter(), LoadMeter()
    one.offer(1)
    one.start(1, 5e-6)
    other.offer(1)
    other.start(1, 5e-6)
    other.start(1, 1e-6)
    together = add(one.drain()[1], other.drain()[1])
    assert together == {"offered": 2, "started": 3, "dropped": 0, "lateness_us": [[1, 1], [5, 2]]}
    assert add(together, empty()) == together


def test_percentiles_of_lateness_are_values_that_a_share_stayed_within() -> None:
    meter = LoadMeter()
    for microseconds in range(1, 101):
        meter.start(1, microseconds / 1e6)
    second = meter.drain()[1]
    assert [percentile_us(second, q) for q in (0.0, 0.5, 0.99, 1.0)] == [1, 50, 99, 100]
    assert percentile_us(empty(), 0.5) is None
