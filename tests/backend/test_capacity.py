"""A capacity limit: slots, a bounded queue, and no mercy for work that nobody waits for any more."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from typing import Any

import pytest

import brownout
from brownout_backend.settings import capacity_of
from brownout_faults import Capacity, Limits
from tests.backend.http import Backend, read
from tests.servers import gunicorn, until

LIMITS = {"CONCURRENCY": "2", "SERVICE_TIME_MS": "150", "QUEUE_LIMIT": "3"}


@pytest.fixture(scope="module")
def limited() -> Iterator[Backend]:
    with gunicorn("brownout_backend.app:create_app()", env=LIMITS) as server, Backend(server) as backend:
        yield backend


def standing(backend: Backend) -> tuple[int, int]:
    """Busy slots and queued requests."""
    report = backend.get("/status")["capacity"]
    return report["busy"], report["queued"]


@pytest.fixture
def held(limited: Backend) -> Iterator[Backend]:
    """Its slots are held by a slow fault, however slow this machine is, until the faults are cleared."""
    limited.put({"kind": "latency", "ms": 60_000})
    yield limited
    limited.clear()
    until(lambda: standing(limited) == (0, 0), "free slots")


def test_requests_beyond_the_slots_wait_their_turn_and_beyond_the_queue_are_shed(held: Backend) -> None:
    shed = held.get("/status")["capacity"]["shed"]
    with ExitStack() as stack:
        callers = [stack.enter_context(held.asked("/data")) for _ in range(5)]
        until(lambda: standing(held) == (2, 3), "a full queue")
        refused = held.send("GET", "/data")
        assert refused.status_code == 503
        assert refused.json()["detail"] == "all 2 slots are busy, and the queue of 3 is full"
        started = time.monotonic()
        held.clear()
        assert [read(caller)[0] for caller in callers] == [200] * 5
        assert time.monotonic() - started >= 0.29  # two rounds of 150 ms after the first one
    assert held.get("/status")["capacity"]["shed"] == shed + 1


def test_a_request_whose_caller_has_given_up_takes_its_slot_all_the_same(held: Backend) -> None:
    """Else retries would cost nothing, and no retry storm would stay when its trigger is gone."""
    with ExitStack() as patient:
        with ExitStack() as impatient:
            for _ in range(4):
                impatient.enter_context(held.asked("/data"))
            until(lambda: standing(held) == (2, 2), "two in service and two that wait")
            last = patient.enter_context(held.asked("/data"))
            until(lambda: standing(held) == (2, 3), "one that waits behind them")
        started = time.monotonic()  # the four have hung up
        held.clear()
        assert read(last)[0] == 200
        assert time.monotonic() - started >= 0.29  # 150 ms of theirs, and its own


def test_control_paths_need_no_slot(held: Backend) -> None:
    with ExitStack() as stack:
        callers = [stack.enter_context(held.asked("/data")) for _ in range(3)]
        until(lambda: standing(held) == (2, 1), "slots held by the fault")
        for path in ("/readyz", "/healthz", "/metrics", "/status", "/faults", "/config/get"):
            assert held.send("GET", path).status_code == 200
        held.clear()
        assert [read(caller)[0] for caller in callers] == [200] * 3


def test_limits_are_shown_where_faults_status_and_metrics_are(limited: Backend, backend: Backend) -> None:
    limits = {"concurrency": 2, "service_time_ms": 150, "queue_limit": 3}
    assert limited.get("/faults")["capacity"] == limits
    assert limits.items() <= limited.get("/status")["capacity"].items()
    assert "backend_concurrency_limit 2.0" in limited.send("GET", "/metrics").text
    assert backend.get("/faults")["capacity"] is None
    assert "capacity" not in backend.get("/status")
    assert "backend_concurrency_limit" not in backend.send("GET", "/metrics").text


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        ({"CONCURRENCY": "0"}, 'CONCURRENCY is "0"; allowed: a whole number from 1 to 10000, or nothing'),
        ({"CONCURRENCY": "1.5"}, 'CONCURRENCY is "1.5"; allowed'),
        ({"CONCURRENCY": "1", "SERVICE_TIME_MS": "-1"}, 'SERVICE_TIME_MS is "-1"; allowed'),
        ({"QUEUE_LIMIT": "5"}, 'QUEUE_LIMIT is "5", and CONCURRENCY, to which it belongs, is not set'),
    ],
)
def test_a_wrong_limit_is_refused(environ: dict[str, str], words: str) -> None:
    with pytest.raises(ValueError, match=r"allowed|not set") as raised:
        capacity_of(environ)
    assert str(raised.value).startswith(words)


def test_without_settings_there_is_no_limit_and_a_limit_has_documented_defaults() -> None:
    assert capacity_of({}) is None
    assert capacity_of({"CONCURRENCY": ""}) is None
    limited = capacity_of({"CONCURRENCY": "4"})
    assert limited is not None
    assert limited.limits == Limits(concurrency=4, service_time_ms=0, queue_limit=100)


def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
    """What a server gives an application; these have no use for it."""


def test_a_limit_out_of_range_is_refused_in_code_as_well() -> None:
    with pytest.raises(ValueError, match="concurrency is 0; allowed: 1 to 10000"):
        Limits(0)


def test_a_slot_is_free_again_after_an_application_that_raised_and_turns_come_in_order() -> None:
    capacity = Capacity(Limits(1))
    order: list[int] = []

    def app(environ: dict[str, object], _: object) -> list[bytes]:
        order.append(int(str(environ["n"])))
        if environ["n"] == 0:
            until(lambda: capacity.report()["queued"] == 3, "three that wait")
            raise RuntimeError("a bug")
        return []

    def call(number: int) -> None:
        try:
            capacity.serve(app, {"n": number}, start_response)
        except RuntimeError:
            order.append(-1)

    def has_come(count: int) -> bool:
        return capacity.report()["busy"] + capacity.report()["queued"] == count

    threads = []
    for number in range(4):
        threads.append(threading.Thread(target=call, args=(number,)))
        threads[-1].start()
        until(partial(has_come, number + 1), "its turn")
    for thread in threads:
        thread.join(10)
    assert sorted(order) == [-1, 0, 1, 2, 3]
    assert [one for one in order if one >= 0] == [0, 1, 2, 3]
    assert capacity.report()["busy"] == 0


def test_a_service_of_ones_own_gets_it_from_the_public_face() -> None:
    limited = brownout.FaultInjector(lambda _, __: [], capacity=brownout.Capacity(brownout.Limits(4)))
    assert limited.state.report()["capacity"]["concurrency"] == 4


def test_who_is_ended_while_waiting_leaves_the_queue() -> None:
    """As the server does with its greenlets when it stops."""
    capacity = Capacity(Limits(1))
    release = threading.Event()

    def app(_: object, __: object) -> list[bytes]:
        release.wait(10)
        return []

    def give_up(*_: object) -> None:
        raise TimeoutError

    holder = threading.Thread(target=capacity.serve, args=(app, {}, start_response))
    holder.start()
    until(lambda: capacity.report()["busy"] == 1, "a busy slot")
    before = signal.signal(signal.SIGUSR1, give_up)
    ending = threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGUSR1))
    ending.start()
    try:
        with pytest.raises(TimeoutError):
            capacity.serve(app, {}, start_response)
    finally:
        ending.join(10)
        signal.signal(signal.SIGUSR1, before)
    assert capacity.report()["queued"] == 0
    release.set()
    holder.join(10)
    assert capacity.report()["busy"] == 0
