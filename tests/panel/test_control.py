"""What is wanted is what every replica has, or the panel says which has it not, and why."""

from collections.abc import Iterator

import gevent
import pytest
import requests

from brownout_fleet.model import ReplicaPhase
from brownout_panel.errors import (
    ForeignServiceError,
    NobodyConfirmedError,
    NotClearedError,
    RefusedError,
)
from brownout_panel.model import ApplyState
from brownout_panel.reconcile import CONNECTIONS
from tests.panel.fleet import (
    Fleet,
    StandIn,
    Timeline,
    await_state,
    await_status,
    controlling,
    stand_in,
    status_of,
    until,
    view,
)
from tests.servers import Server, gunicorn

BACKEND = "brownout_backend.app:create_app()"
ERRORS = [{"kind": "error", "rate": 1.0}]
ALL_ERRORS = [{"kind": "error", "status": 500, "retry_after_s": None, "rate": 1.0}]


@pytest.fixture(scope="module")
def backends() -> Iterator[list[Server]]:
    with gunicorn(BACKEND) as one, gunicorn(BACKEND) as other:
        yield [one, other]


@pytest.fixture
def fleet(backends: list[Server]) -> Fleet:
    """A fleet of two real backends."""
    fleet = Fleet()
    for number, server in enumerate(backends):
        requests.delete(f"{server.url}/faults", timeout=5)
        fleet.put(f"backend-{number}", server.url)
    return fleet


@pytest.fixture
def bad() -> Iterator[StandIn]:
    with stand_in() as server:
        yield server


def faults(server: Server) -> object:
    """What a real backend has."""
    return requests.get(f"{server.url}/faults", timeout=5).json()["faults"]


def test_a_set_returns_when_every_replica_has_it(fleet: Fleet, backends: list[Server]) -> None:
    note = Timeline()
    with controlling(fleet, note) as control:
        answer = control.set_faults({"faults": ERRORS, "lease_s": 20}, "cli")
        assert [faults(one) for one in backends] == [ALL_ERRORS, ALL_ERRORS]
        assert (answer.faults, answer.lease_s) == (ALL_ERRORS, 20)
        assert control.faults == answer
        assert [status_of(control, name).state for name in fleet.present] == [ApplyState.APPLIED] * 2
    event = note.of("fault")[0]
    assert (event["action"], event["by"], event["applied"], event["of"]) == ("set", "cli", 2, 2)
    assert event["words"] == "100 % errors 500"


def test_what_faults_have_done_is_counted_and_noted_when_they_are_over(
    fleet: Fleet, backends: list[Server]
) -> None:
    note = Timeline()
    with controlling(fleet, note) as control:
        for asked in (3, 0):
            made = control.set_faults({"faults": ERRORS}, "cli")
            for _ in range(asked):
                assert requests.get(f"{backends[0].url}/data", timeout=5).status_code == 500
            control.clear_faults("cli")
            assert control.injections()[made.revision] == asked
    assert [one["injected"] for one in note.of("fault") if one["action"] == "cleared"] == [3, 0]


def test_a_refused_set_changes_nothing(fleet: Fleet, backends: list[Server]) -> None:
    with controlling(fleet) as control:
        before = control.set_faults({"faults": ERRORS}, "cli")
        with pytest.raises(RefusedError, match=r"faults\[0\].rate is 7") as refused:
            control.set_faults({"faults": [{"kind": "error", "rate": 7}]}, "cli")
        assert refused.value.problem["status"] == 400
        assert refused.value.problem["sent"] == 7
        assert control.faults == before
        assert [faults(one) for one in backends] == [ALL_ERRORS, ALL_ERRORS]
        assert status_of(control, "backend-0").state is ApplyState.APPLIED
        control.clear_faults("cli", wait_s=1.0)
        assert [faults(one) for one in backends] == [[], []]


def test_the_harness_takes_its_faults_with_it_when_it_stops(fleet: Fleet, backends: list[Server]) -> None:
    with controlling(fleet) as control:
        control.set_faults({"faults": ERRORS}, "cli")
    assert [faults(one) for one in backends] == [[], []]


def test_a_lease_is_renewed_while_its_faults_are_wanted(fleet: Fleet, backends: list[Server]) -> None:
    note = Timeline()
    with controlling(fleet, note) as control:
        control.set_faults({"faults": ERRORS, "lease_s": 0.6}, "cli")
        gevent.sleep(1.2)
        assert [faults(one) for one in backends] == [ALL_ERRORS, ALL_ERRORS]
    assert note.of("fault-lost") == []


def test_what_somebody_else_changed_is_put_back_and_noted(fleet: Fleet, backends: list[Server]) -> None:
    note = Timeline()
    with controlling(fleet, note) as control:
        control.set_faults({"faults": ERRORS}, "cli")
        requests.delete(f"{backends[0].url}/faults", timeout=5)
        until(lambda: faults(backends[0]) == ALL_ERRORS, "the faults to be back")
        until(lambda: note.of("fault-lost"), "the loss to be noted")
        assert note.of("fault-lost")[0]["replica"] == "backend-0"


def test_clearing_is_read_back(fleet: Fleet, bad: StandIn) -> None:
    fleet.put("backend-2", bad.url)
    with controlling(fleet) as control:
        control.set_faults({"faults": ERRORS}, "cli")
        bad.seen.clear()
        control.clear_faults("cli")
        assert [method for method, _ in bad.seen] == ["PUT", *["GET"] * CONNECTIONS]
        assert bad.document["faults"] == []
        assert control.faults.faults == []


def test_a_replica_that_does_not_confirm_the_clearing_is_named(fleet: Fleet, bad: StandIn) -> None:
    fleet.put("backend-2", bad.url)
    with controlling(fleet) as control:
        control.set_faults({"faults": ERRORS}, "cli")
        bad.mode = "dropping"
        with pytest.raises(NotClearedError, match=r"not backend-2 \(connection reset\)") as error:
            control.clear_faults("cli", wait_s=0.3)
        assert list(error.value.reasons) == ["backend-2"]
        bad.mode = "good"
        await_state(control, "backend-2", ApplyState.APPLIED)
        assert bad.document["faults"] == []


def test_a_set_that_nobody_confirms_is_an_error_and_is_dropped(bad: StandIn) -> None:
    fleet = Fleet()
    fleet.put("backend-0", bad.url)
    bad.mode = "failing"
    with controlling(fleet) as control:
        with pytest.raises(NobodyConfirmedError, match=r"backend-0 \(answers 500\)"):
            control.set_faults({"faults": ERRORS}, "cli", wait_s=0.3)
        bad.mode = "good"
        await_state(control, "backend-0", ApplyState.APPLIED)
        assert bad.document["faults"] == []
        assert control.faults.faults == []


def test_a_service_that_is_none_of_ours_is_said_to_be_so_and_needs_no_clearing(bad: StandIn) -> None:
    fleet, note = Fleet(), Timeline()
    fleet.put("backend-0", bad.url)
    bad.mode = "empty"
    with controlling(fleet, note) as control:
        until(lambda: view(control, "backend-0").status, "backend-0 to be known as foreign")
        assert status_of(control, "backend-0").state is ApplyState.FOREIGN  # before anything is wanted of it
        with pytest.raises(ForeignServiceError, match=r"backend-0 \(answers 404 at /faults\).*FaultInjector"):
            control.set_faults({"faults": ERRORS}, "cli")
        assert control.clear_faults("cli").faults == []
        assert note.of("unreachable") == []
        bad.mode = "good"  # it is given the API
        await_state(control, "backend-0", ApplyState.APPLIED)


def test_without_a_replica_a_set_is_an_error() -> None:
    with (
        controlling(Fleet()) as control,
        pytest.raises(NobodyConfirmedError, match=r'no replica of "backend" .* there is none'),
    ):
        control.set_faults({"faults": ERRORS}, "cli", wait_s=0.05)


@pytest.mark.parametrize(
    ("mode", "state", "reason"),
    [
        ("hanging", ApplyState.UNREACHABLE, "silent for 1 s"),
        ("dropping", ApplyState.UNREACHABLE, "connection reset"),
        ("foreign", ApplyState.FOREIGN, "answers /faults in another form"),
        ("empty", ApplyState.FOREIGN, "answers 404 at /faults"),
        ("forgetful", ApplyState.UNREACHABLE, "answers with revision 0"),
        ("picky", ApplyState.REFUSED, "no faults here"),
    ],
)
def test_a_bad_replica_is_named_and_delays_no_other(
    mode: str, state: ApplyState, reason: str, fleet: Fleet, backends: list[Server], bad: StandIn
) -> None:
    bad.mode = mode
    fleet.put("backend-2", bad.url)
    with controlling(fleet) as control:
        setting = gevent.spawn(control.set_faults, {"faults": ERRORS}, "cli")
        for name in ("backend-0", "backend-1"):
            await_status(control, name)
            await_state(control, name, ApplyState.APPLIED)
        if mode == "hanging":
            assert status_of(control, "backend-2").state is ApplyState.PENDING
        setting.get(timeout=5)
        assert status_of(control, "backend-2").state is state
        assert reason in (status_of(control, "backend-2").reason or "")
        bad.mode = "good"
        bad.released.set()


def test_a_replica_that_hung_is_held_again_when_it_answers(fleet: Fleet, bad: StandIn) -> None:
    note = Timeline()
    fleet.put("backend-2", bad.url)
    with controlling(fleet, note) as control:
        bad.mode = "failing"
        control.set_faults({"faults": ERRORS}, "cli")
        assert status_of(control, "backend-2").state is ApplyState.UNREACHABLE
        bad.mode = "good"
        await_state(control, "backend-2", ApplyState.APPLIED)
        assert bad.document["faults"] == ERRORS
    assert [event["replica"] for event in note.of("unreachable")] == ["backend-2"]


def test_a_new_life_gets_the_faults_when_it_is_ready_and_the_gap_is_measured(
    fleet: Fleet, bad: StandIn
) -> None:
    note = Timeline()
    with controlling(fleet, note) as control, stand_in() as reborn:
        fleet.put("backend-2", bad.url)
        until(lambda: bad.seen, "backend-2 to be asked")
        control.set_faults({"faults": ERRORS}, "cli")
        fleet.gone("backend-2")
        until(lambda: status_of(control, "backend-2").state is ApplyState.PENDING, "backend-2 to be gone")
        fleet.put("backend-2", reborn.url, ReplicaPhase.STARTING, life=2)
        until(lambda: view(control, "backend-2").replica.phase is ReplicaPhase.STARTING, "its next life")
        assert reborn.seen == []
        fleet.put("backend-2", reborn.url, life=2)
        until(lambda: note.of("restart-gap"), "the gap to be noted", timeout_s=1.0)
        assert reborn.document["faults"] == ERRORS
        gap = view(control, "backend-2").restart_gap_ms
        assert gap is not None
        assert 0 <= gap < 1000
        (event,) = note.of("restart-gap")
        assert event == {"replica": "backend-2", "service": "backend", "gap_ms": round(gap, 1)}


def test_a_replica_that_is_new_gets_the_faults_as_well(fleet: Fleet, bad: StandIn) -> None:
    with controlling(fleet) as control:
        control.set_faults({"faults": ERRORS}, "cli")
        fleet.put("backend-2", bad.url)
        until(lambda: bad.document["faults"] == ERRORS, "backend-2 to have the faults")


def test_before_anything_is_wanted_replicas_are_only_read(bad: StandIn) -> None:
    fleet = Fleet()
    fleet.put("backend-0", bad.url)
    with controlling(fleet) as control:
        until(lambda: bad.seen, "backend-0 to be read")
        assert view(control, "backend-0").status is None
    assert bad.puts == []


def test_the_last_of_many_quick_sets_is_what_stays(fleet: Fleet, backends: list[Server]) -> None:
    note = Timeline()
    with controlling(fleet, note) as control:
        sets = [
            gevent.spawn(control.set_faults, {"faults": [{"kind": "error", "rate": rate / 10}]}, "page")
            for rate in range(1, 9)
        ]
        gevent.joinall(sets, timeout=5, raise_error=True)
        assert [faults(one) for one in backends] == [[{**ALL_ERRORS[0], "rate": 0.8}]] * 2
        assert control.faults.faults[0]["rate"] == 0.8
    codes = [event["code"] for event in note.of("fault") if event["action"] == "set"]
    assert sorted(codes) == ["ok", *["superseded"] * 7]


def test_a_clear_ends_a_set_that_waits(fleet: Fleet, backends: list[Server], bad: StandIn) -> None:
    bad.mode = "hanging"
    fleet.put("backend-2", bad.url)
    with controlling(fleet) as control:
        setting = gevent.spawn(control.set_faults, {"faults": ERRORS}, "page")
        until(lambda: faults(backends[0]) == ALL_ERRORS, "the faults")
        with pytest.raises(NotClearedError):
            control.clear_faults("cli", wait_s=0.2)
        bad.released.set()
        setting.get(timeout=1)
        assert [faults(one) for one in backends] == [[], []]
        assert control.faults.faults == []


def test_observers_are_told_of_faults_and_replicas(fleet: Fleet) -> None:
    told: list[tuple[str, object]] = []
    with controlling(fleet) as control:
        control.changed.append(lambda what, value: told.append((what, value)))
        answer = control.set_faults({"faults": ERRORS}, "cli")
        assert ("faults", answer) in told
        until(lambda: ("replicas", control.views()) in told, "the replicas' news")
