"""Requests as they end."""

from brownout_loadtest.intended import put_wait
from brownout_loadtest.meter import LoadMeter
from brownout_loadtest.outcomes import Outcome, OutcomeError
from brownout_loadtest.recorder.tally import CAUSES, Tally
from brownout_results.record import Histogram
from tests.recorder.simulation import FETCH, START, Hands

SECOND = int(START)


def test_requests_count_in_the_second_in_which_they_end_by_outcome_and_name() -> None:
    hands = Hands()
    tally = Tally(hands.clock(), LoadMeter())
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
    meter = LoadMeter()
    meter.is_open = True
    tally = Tally(Hands().clock(), meter)
    put_wait(0.5)
    tally.on_request("GET", "/fetch", 10.0)
    tally.on_request("GET", "/fetch", 10.0)

    (part,) = tally.drain()
    assert part.latency.buckets.tolist() == Histogram.of([10_000, 510_000]).buckets.tolist()
    assert part.service.buckets.tolist() == Histogram.of([10_000]).buckets.tolist()


def test_each_request_is_drained_once_also_within_a_second() -> None:
    hands = Hands()
    tally = Tally(hands.clock(), LoadMeter())
    tally.on_request("GET", "/fetch", 1.0)
    hands.turn(1)
    tally.on_request("GET", "/fetch", 1.0)

    assert [part.second - SECOND for part in tally.drain(before=SECOND + 1)] == [0]
    assert tally.drain(before=SECOND + 1) == []
    assert len(tally.drain()) == 1
    tally.on_request("GET", "/fetch", 1.0)
    assert [part.service.count for part in tally.drain()] == [1]


def test_requests_without_a_duration_are_counted_apart() -> None:
    tally = Tally(Hands().clock(), LoadMeter())
    tally.on_request("WS", "opened", None)

    assert (tally.drain(), tally.untimed) == ([], 1)


def test_a_new_run_knows_nothing_of_the_last() -> None:
    tally = Tally(Hands().clock(), LoadMeter())
    tally.on_request("GET", "/fetch", 1.0)
    tally.on_request("WS", "opened", None)
    tally.clear()
    tally.on_request("GET", "/fetch", 1.0)

    assert tally.untimed == 0
    assert [(part.key, part.service.count) for part in tally.drain()] == [(FETCH, 1)]


def test_a_cause_is_told_whatever_counts_as_a_failure() -> None:
    tally = Tally(Hands().clock(), LoadMeter())
    judged = Outcome("fallback", "circuit-open")
    context = {"outcome": judged.kind, "cause": judged.name}
    tally.on_request("GET", "/fetch", 1.0, context=context)
    tally.on_request("GET", "/fetch", 1.0, exception=OutcomeError(judged), context=context)
    tally.on_request("GET", "/fetch", 1.0, exception=ValueError("no"))
    tally.on_request("GET", "/fetch", 1.0)

    assert {part.key[0]: part.causes for part in tally.drain()} == {
        "fallback": {"fallback: circuit-open": 2},
        "error": {"ValueError('no')": 1},
        "ok": {},
    }


def test_causes_that_are_as_many_as_requests_are_not_all_told_apart() -> None:
    tally = Tally(Hands().clock(), LoadMeter())
    for number in range(CAUSES + 10):
        tally.on_request("GET", "/fetch", 1.0, exception=ValueError(number))

    (part,) = tally.drain()
    assert len(part.causes) == CAUSES + 1
    assert part.causes["other causes"] == 10


def test_in_closed_loop_requests_start_when_they_did_and_each_once() -> None:
    hands, meter = Hands(), LoadMeter()
    tally = Tally(hands.clock(), meter)
    hands.turn(2)
    tally.on_request("GET", "/fetch", 1500.0)
    tally.on_request("GET", "/fetch", 10.0)
    assert tally.drain(before=SECOND + 2) == []
    assert {second - SECOND: row["started"] for second, row in meter.drain().items()} == {0: 1, 2: 1}
    tally.on_request("GET", "/fetch", 10.0)
    assert [part.service.count for part in tally.drain()] == [3]
    assert {second - SECOND: row["offered"] for second, row in meter.drain().items()} == {2: 1}


def test_in_open_loop_requests_are_no_arrivals() -> None:
    meter = LoadMeter()
    meter.is_open = True
    tally = Tally(Hands().clock(), meter)
    tally.on_request("GET", "/fetch", 10.0)
    tally.on_request("WS", "opened", None)

    assert len(tally.drain()) == 1
    assert meter.drain() == {}
