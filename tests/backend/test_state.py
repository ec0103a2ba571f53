"""The fault set in force: leases, renewals, revisions, random streams; on a clock that the test turns."""

import threading
from typing import Any

import pytest

from brownout_faults.document import FaultDocument
from brownout_faults.kinds.error import Error
from brownout_faults.kinds.latency import Latency
from brownout_faults.state import FaultState


class Clock:
    """Seconds, as many as the test says."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def state(clock: Clock) -> FaultState:
    return FaultState(seed=None, clock=clock)


def document(rate: float = 0.5, **fields: Any) -> FaultDocument:
    return FaultDocument(faults=(Error(rate=rate),), **fields)


def hits(state: FaultState, requests: int) -> list[bool]:
    """Which of the next requests are hit."""
    return [bool(state.select()[1]) for _ in range(requests)]


def test_a_lapsed_lease_ends_the_faults_at_that_instant(state: FaultState, clock: Clock) -> None:
    state.apply(document(rate=1, revision=7, lease_s=30))
    clock.now += 29.999
    assert hits(state, 1) == [True]
    clock.now += 0.001
    assert hits(state, 1) == [False]


def test_a_reader_sees_the_lease_run_down_and_end(state: FaultState, clock: Clock) -> None:
    """What has lapsed is an empty set under a number of its own: a writer sees that its own is gone."""
    state.apply(document(revision=7, lease_s=30))
    clock.now += 10
    report = state.report()
    assert (report["revision"], report["lease_s"], report["lease_remaining_s"]) == (7, 30, 20)
    clock.now += 20
    report = state.report()
    assert (report["faults"], report["revision"], report["lease_s"]) == ([], 8, None)
    assert report["lease_remaining_s"] is None


def test_without_a_lease_a_set_stays(state: FaultState, clock: Clock) -> None:
    state.apply(document(rate=1))
    clock.now += 1e9
    assert hits(state, 1) == [True]


def test_the_same_document_again_renews_the_lease(state: FaultState, clock: Clock) -> None:
    for _ in range(5):
        state.apply(document(rate=1, revision=7, lease_s=30))
        clock.now += 29
    assert hits(state, 1) == [True]
    assert state.report()["lease_remaining_s"] == 1


def test_a_renewal_does_not_restart_the_random_numbers(state: FaultState) -> None:
    state.apply(document(seed=1, revision=7, lease_s=30))
    straight = hits(state, 40)
    state.apply(document(seed=1, revision=8, lease_s=30))
    renewed = []
    for _ in range(4):
        renewed += hits(state, 10)
        state.apply(document(seed=1, revision=8, lease_s=30))
    assert renewed == straight


def test_any_other_document_restarts_the_random_numbers(state: FaultState) -> None:
    """The same seed gives the same faults again; another seed gives others."""
    streams = []
    for seed, revision in ((1, 1), (1, 2), (2, 3)):
        state.apply(document(seed=seed, revision=revision))
        streams.append(hits(state, 40))
    assert streams[0] == streams[1] != streams[2]


def test_a_set_without_a_seed_takes_the_injectors(clock: Clock) -> None:
    """Its own seed is what makes an injector repeatable from its start; a document's goes before it."""
    states = [FaultState(seed=5, clock=clock) for _ in range(2)]
    for state in states:
        state.apply(document())
        assert state.report()["seed"] == 5
    assert hits(states[0], 40) == hits(states[1], 40)
    states[0].apply(document(seed=6))
    assert states[0].report()["seed"] == 6


def test_without_any_seed_the_faults_are_left_to_chance(clock: Clock) -> None:
    states = [FaultState(seed=None, clock=clock) for _ in range(2)]
    for state in states:
        state.apply(document())
    assert hits(states[0], 200) != hits(states[1], 200)


def test_revisions_count_by_themselves_unless_the_writer_counts(state: FaultState) -> None:
    revisions = []
    for given in (None, None, 7, None, 3):
        state.apply(document(revision=given))
        revisions.append(state.report()["revision"])
    assert revisions == [1, 2, 7, 8, 3]


def test_an_edit_keeps_the_seed_and_drops_the_lease(state: FaultState) -> None:
    state.apply(document(seed=9, revision=7, lease_s=30))
    state.change(lambda faults: [*faults, Latency(ms=5)])
    report = state.report()
    assert [fault["kind"] for fault in report["faults"]] == ["error", "latency"]
    assert (report["seed"], report["revision"], report["lease_s"]) == (9, 8, None)


def test_counters_outlive_the_set(state: FaultState) -> None:
    state.apply(document(rate=1))
    hits(state, 3)
    state.apply(FaultDocument(faults=()))
    hits(state, 3)
    assert state.counters()["injected"]["error"] == 3


def test_threads_count_every_request_and_every_fault(state: FaultState) -> None:
    """Nothing is lost between threads, though requests are counted without a lock."""
    state.apply(document(rate=1))

    def serve() -> None:
        for _ in range(2_000):
            state.started.add()
            state.select()
            state.finished.add()

    threads = [threading.Thread(target=serve) for _ in range(8)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        assert 0 <= state.counters()["in_flight"] <= 8
    for thread in threads:
        thread.join(10)
    counters = state.counters()
    assert (counters["requests"], counters["injected"]["error"], counters["in_flight"]) == (16_000, 16_000, 0)


@pytest.mark.parametrize("end", ["replaced", "cleared", "lapsed"])
def test_whoever_waits_is_released_when_the_set_ends(state: FaultState, clock: Clock, end: str) -> None:
    state.apply(document(lease_s=0.2 if end == "lapsed" else None))
    active, _ = state.select()
    if end == "lapsed":
        clock.now += 0.2
    else:
        state.apply(document() if end == "replaced" else FaultDocument(faults=()))
    assert active.sleep(60) is False


def test_whoever_waits_goes_on_waiting_when_the_lease_is_renewed(state: FaultState, clock: Clock) -> None:
    state.apply(document(revision=1, lease_s=30))
    active, _ = state.select()
    state.apply(document(revision=1, lease_s=60))
    clock.now += 45
    assert active.sleep(0) is True
