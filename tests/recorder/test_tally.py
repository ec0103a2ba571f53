"""Requests as they end."""

import math
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from brownout_loadtest.intended import put_wait
from brownout_loadtest.meter import LoadMeter
from brownout_loadtest.outcomes import CAUSE_KEY, CONTEXT_KEY, OutcomeError, RequestOutcome
from brownout_loadtest.recorder.tally import CAUSES, Tally
from brownout_results.record import Histogram
from tests.recorder.simulation import FETCH, START, Hands

SECOND = int(START)


def test_requests_count_in_the_second_in_which_they_end_by_outcome_and_name() -> None:
    hands = Hands()
    tally = Tally(hands.clock(), LoadMeter())
    tally.on_request("GET", "/fetch", 10.0)
    tally.on_request("GET", "/fetch", 20.0, context={"brownout_outcome": "fallback"})
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


def test_a_request_without_a_duration_is_a_request_with_its_outcome_and_cause() -> None:
    tally = Tally(Hands().clock(), LoadMeter())
    tally.on_request("WS", "opened", None)
    tally.on_request("WS", "opened", 5.0, exception=ValueError("no"))
    tally.on_request("WS", "opened", None, exception=ValueError("no"))

    told = [(part.key[0], part.requests, part.untimed, dict(part.causes)) for part in tally.drain()]
    assert sorted(told) == [("error", 2, 1, {"ValueError('no')": 2}), ("ok", 1, 1, {})]
    assert tally.drain() == []


@pytest.mark.parametrize(
    ("value", "milliseconds"),
    [
        *[(one, 12.5) for one in (12.5, Decimal("12.5"), Fraction(25, 2), np.float32(12.5), "12.5", b"12.5")],
        *[(one, 1.0) for one in (1, True, np.int64(1))],
        *[(one, None) for one in (None, math.nan, math.inf, -math.inf, -1.0, Decimal("NaN"), 1j, "soon")],
        *[(one, None) for one in (10**400, object(), timedelta(seconds=1))],
        (1e300, 3_600_000.0),
    ],
)
def test_a_duration_of_any_type_is_counted(value: object, milliseconds: float | None) -> None:
    """One of more than an hour as an hour."""
    tally, meter = tally_with_meter()
    tally.on_request("GET", "/fetch", value)

    (part,) = tally.drain()
    assert (part.requests, part.untimed) == (1, milliseconds is None)
    expected = [] if milliseconds is None else [1000 * milliseconds]
    assert part.latency.buckets.tolist() == Histogram.of(expected).buckets.tolist()
    assert list(meter.drain()) == [SECOND]  # begun no earlier than the run
    assert tally.failures.counts() == {}


class Hostile:
    """Raises whatever is asked of it."""

    def __str__(self) -> str:
        raise RuntimeError

    __bool__ = __repr__ = __float__ = __str__


class Locked(dict[str, object]):
    """Can't be looked into."""

    def get(self, *_: object) -> object:
        raise RuntimeError


def test_an_exception_that_is_neither_true_nor_false_is_no_failure_as_for_locust() -> None:
    tally, _ = tally_with_meter()
    tally.on_request("GET", "/fetch", 1.0, exception=Hostile())

    assert [(part.key[0], part.requests) for part in tally.drain()] == [("ok", 1)]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (None, "None"),
        (b"x", "b'x'"),
        (7, "7"),
        ([1], "[1]"),
        ("\ud800", "\\ud800"),
        ("ä" * 500, "ä" * 500),
        (Hostile(), "<Hostile>"),
    ],
)
def test_a_name_of_any_type_is_text_in_the_record(name: object, text: str) -> None:
    tally, _ = tally_with_meter()
    tally.on_request(name, name, 1.0)
    tally.on_request(name, name, None)

    assert [(part.key, part.requests) for part in tally.drain()] == [(("ok", text, text), 2)]


def test_long_names_are_cut_and_stay_different() -> None:
    tally, _ = tally_with_meter()
    for end in "ab":
        tally.on_request("GET", "x" * 10_000 + end, 1.0)

    names = [part.key[2] for part in tally.drain()]
    assert len(set(names)) == 2
    assert all(len(name) < 600 for name in names)


@pytest.mark.parametrize(
    "context",
    [{"outcome": "won"}, {CONTEXT_KEY: "won"}, {CONTEXT_KEY: []}, "x", [1], 3, Hostile(), Locked(a=1)],
)
def test_a_context_of_any_shape_leaves_the_outcome_to_locusts_verdict(context: object) -> None:
    tally, _ = tally_with_meter()
    tally.on_request("GET", "/fetch", 1.0, context=context)
    tally.on_request("GET", "/fetch", 1.0, exception=ValueError(), context=context, response=Hostile())
    tally.on_request("GET", "/fetch", 1.0, exception="", context=context)

    assert sorted((part.key[0], part.requests) for part in tally.drain()) == [("error", 1), ("ok", 2)]


def test_what_fails_inside_is_counted_and_raises_nothing(caplog: pytest.LogCaptureFixture) -> None:
    tally, meter = tally_with_meter()
    tally.on_request("GET", "/fetch", 1.0)
    del meter.is_open
    tally.on_request("GET", "/fetch", 1.0)
    tally.on_request("GET", "/fetch", 1.0)
    meter.is_open = False

    assert [(part.key[0], part.requests) for part in tally.drain()] == [("ok", 1)]
    assert tally.take_unrecorded() == 2
    assert list(tally.failures.counts().values()) == [2]
    assert len(caplog.records) == 1


def tally_with_meter() -> tuple[Tally, LoadMeter]:
    meter = LoadMeter()
    return Tally(Hands().clock(), meter), meter


def test_a_new_run_knows_nothing_of_the_last() -> None:
    tally = Tally(Hands().clock(), LoadMeter())
    tally.on_request("GET", "/fetch", 1.0)
    tally.on_request("WS", "opened", None)
    tally.clear()
    tally.on_request("GET", "/fetch", 1.0)

    assert [(part.key, part.service.count) for part in tally.drain()] == [(FETCH, 1)]


def test_a_cause_is_told_whatever_counts_as_a_failure() -> None:
    tally = Tally(Hands().clock(), LoadMeter())
    judged = RequestOutcome("fallback", "circuit-open")
    context = {CONTEXT_KEY: judged.kind, CAUSE_KEY: judged.name}
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

    assert len(tally.drain()) == 2
    assert meter.drain() == {}
