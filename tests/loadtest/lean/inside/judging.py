"""A locustfile judges an answer of the lean client as it does one of FastHttpUser's: both are asked."""

from __future__ import annotations

import pytest
from locust import TaskSet
from locust.exception import CatchResponseError, InterruptTaskSet, LocustError, ResponseError

from tests.loadtest.lean.inside.loads import Load, Loads


@pytest.fixture(autouse=True)
def nothing_left_behind() -> None:
    """Look for nothing: FastHttpUser leaves its connections open. Other files hold the lean one to it."""


def test_a_block_says_what_a_success_is(load: Load) -> None:
    with load.client.get("/fast", catch_response=True) as answer:
        answer.failure("not this one")
    with load.client.get("/status/500", catch_response=True) as answer:
        answer.success()
    with load.client.get("/status/500", catch_response=True):
        pass
    with load.client.get("/fast", catch_response=True) as answer:
        answer.failure("no")
        answer.success()
    with load.client.get("/fast", catch_response=True) as answer:
        if answer.ok:
            raise ResponseError("not working")
    outcomes = [event["exception"] for event in load.events]
    assert isinstance(outcomes[0], CatchResponseError)
    assert (outcomes[1], outcomes[3]) == (None, None)
    assert repr(outcomes[2]) == "LocustBadStatusCode(code=500)"
    assert isinstance(outcomes[4], ResponseError)
    assert load.stats.total.num_failures == 3


def test_an_exception_in_a_block_is_not_swallowed(load: Load) -> None:
    with pytest.raises(ZeroDivisionError), load.client.get("/status/500", catch_response=True) as answer:  # noqa: PT012
        answer.success()
        _ = 1 / 0
    assert [event["exception"] for event in load.events] == [None]
    taskset = TaskSet(load.user)
    with pytest.raises(InterruptTaskSet), load.client.get("/fast", catch_response=True):
        taskset.interrupt()
    assert len(load.events) == 1, "an interrupted block reports no request"


def test_a_verdict_needs_catch_response_and_a_block(load: Load) -> None:
    uncaught = load.client.get("/fast")
    with pytest.raises(LocustError, match="catch_response"):
        uncaught.success()
    with uncaught as answer, pytest.raises(LocustError, match="catch_response"):
        answer.failure("no")
    caught = load.client.get("/fast", catch_response=True)
    with pytest.raises(LocustError, match="with-block"):
        caught.success()


def test_no_connection_can_be_judged_in_a_block(loads: Loads, unused_port: int) -> None:
    load = loads(f"http://127.0.0.1:{unused_port}")
    with load.client.get("/", catch_response=True) as answer:
        assert (answer.status_code, answer.content) == (0, None)
        answer.success()
    with load.client.get("/", catch_response=True):
        pass
    assert [type(event["exception"]).__name__ for event in load.events] == [
        "NoneType",
        "ConnectionRefusedError",
    ]


def test_rest_reads_json_and_fails_by_assertions(load: Load) -> None:
    with load.user.rest("GET", "/json") as answer:
        assert answer.js == {"apples": 3}
    with load.user.rest("GET", "/json") as answer:
        assert answer.js["apples"] == 4, "four apples"
    with load.user.rest("GET", "/fast"):
        pass
    assert [str(one)[:11] for one in load.failed] == ["four apples", "Could not p"]
