"""Requests as they end."""

from loadtest.intended import put_wait
from loadtest.recorder.tally import Tally
from results.run_folder import Histogram
from tests.recorder.simulation import FETCH, START, Hands

SECOND = int(START)


def test_requests_count_in_the_second_in_which_they_end_by_outcome_and_name() -> None:
    hands = Hands()
    tally = Tally(hands.clock())
    tally.on_request("GET", "/fetch", 10.0)
    tally.on_request("GET", "/fetch", 20.0, context={"outcome": "fallback"})
    hands.turn(1)
    tally.on_request("GET", "/fetch", 30.0, exception=OSError())
    tally.on_request("POST", "/fetch", 40.0)

    assert [(part.second - SECOND, part.key, part.service.count) for part in tally.drain()] == [
        (0, ("ok", "GET", "/fetch"), 1),
        (0, ("fallback", "GET", "/fetch"), 1),
        (1, ("error", "GET", "/fetch"), 1),
        (1, ("ok", "POST", "/fetch"), 1),
    ]


def test_latency_is_service_time_and_the_wait_before_it() -> None:
    tally = Tally(Hands().clock())
    put_wait(0.5)
    tally.on_request("GET", "/fetch", 10.0)
    tally.on_request("GET", "/fetch", 10.0)

    (part,) = tally.drain()
    assert part.latency.buckets.tolist() == Histogram.of([10_000, 510_000]).buckets.tolist()
    assert part.service.buckets.tolist() == Histogram.of([10_000]).buckets.tolist()


def test_each_request_is_drained_once_also_within_a_second() -> None:
    hands = Hands()
    tally = Tally(hands.clock())
    tally.on_request("GET", "/fetch", 1.0)
    hands.turn(1)
    tally.on_request("GET", "/fetch", 1.0)

    assert [part.second - SECOND for part in tally.drain(before=SECOND + 1)] == [0]
    assert tally.drain(before=SECOND + 1) == []
    assert len(tally.drain()) == 1
    tally.on_request("GET", "/fetch", 1.0)
    assert [part.service.count for part in tally.drain()] == [1]


def test_requests_without_a_duration_are_counted_apart() -> None:
    tally = Tally(Hands().clock())
    tally.on_request("WS", "opened", None)

    assert (tally.drain(), tally.untimed) == ([], 1)


def test_a_new_run_knows_nothing_of_the_last() -> None:
    tally = Tally(Hands().clock())
    tally.on_request("GET", "/fetch", 1.0)
    tally.on_request("WS", "opened", None)
    tally.clear()
    tally.on_request("GET", "/fetch", 1.0)

    assert tally.untimed == 0
    assert [(part.key, part.service.count) for part in tally.drain()] == [(FETCH, 1)]
