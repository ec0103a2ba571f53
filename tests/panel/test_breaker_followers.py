"""Policies reach every client, and each transition of a real client's breaker is received once, and soon."""

from collections.abc import Iterator

import pytest
import requests

from brownout_fleet.model import ReplicaPhase
from brownout_panel.control import Control
from brownout_panel.errors import RefusedError
from brownout_panel.model import ApplyState, Transition
from tests.panel.fleet import Fleet, Timeline, await_state, controlling, stand_in, status_of, until, view
from tests.servers import Server, gunicorn

CLIENT = "brownout_client.app:create_app()"
NOBODY = {"BACKEND_URL": "http://127.0.0.1:1", "POLICY": "none"}
"""A backend that refuses every connection: each call fails at once."""

FLAPPING = {
    "preset": "breaker",
    "breaker": {"fail_max": 1, "reset_timeout_s": 0.02},
}


@pytest.fixture(scope="module")
def client() -> Iterator[Server]:
    with gunicorn(CLIENT, env=NOBODY) as server:
        yield server


@pytest.fixture
def fleet(client: Server) -> Fleet:
    """A fleet of one real client, whose breaker is closed."""
    requests.put(f"{client.url}/policy", json={"preset": "none"}, timeout=5)
    fleet = Fleet()
    fleet.put("client-0", client.url)
    return fleet


def log(client: Server) -> list[tuple[str, int]]:
    """Boot and number of each transition in the client's own log."""
    answer = requests.get(f"{client.url}/breaker", timeout=5).json()
    return [(answer["boot_id"], one["seq"]) for one in answer["transitions"]]


def received(control: Control) -> list[tuple[str, int]]:
    """Boot and number of each transition that a control has received."""
    return [(one.boot_id, one.seq) for one in control.transitions()]


def flap(client: Server, times: int) -> None:
    """Make calls that fail, each of which opens the breaker; the last transition is to half-open."""
    for _ in range(times):
        requests.get(f"{client.url}/fetch", timeout=5)
        until(lambda: state(client) == "half-open", "the breaker to be half-open")


def state(client: Server) -> object:
    """The breaker's own state."""
    return requests.get(f"{client.url}/breaker", timeout=5).json()["state"]


def await_log(control: Control, client: Server) -> None:
    """Wait until everything in the client's log was received."""
    until(lambda: set(log(client)) <= set(received(control)), "every transition to be received")


def test_a_policy_is_set_by_its_preset_and_told_in_full(fleet: Fleet, client: Server) -> None:
    note = Timeline()
    with controlling(fleet, note) as control:
        until(lambda: control.policy, "the client's policy to be read")
        assert control.policy
        assert control.policy.name == "none"
        policy = control.set_policy({"preset": "full"}, "page")
        assert (policy.name, policy.policy["retry"]["attempts"]) == ("full", 5)
        assert control.policy == policy
        assert requests.get(f"{client.url}/policy", timeout=5).json()["name"] == "full"
        assert set(control.presets) == {"none", "retry", "breaker", "full", "lab"}
        assert status_of(control, "client-0").state is ApplyState.APPLIED
    (event,) = note.of("policy")
    assert (event["action"], event["name"], event["by"], event["applied"]) == ("set", "full", "page", 1)


def test_a_policy_that_is_refused_changes_nothing(fleet: Fleet, client: Server) -> None:
    with controlling(fleet) as control:
        control.set_policy({"preset": "retry"}, "cli")
        with pytest.raises(RefusedError, match='preset is "best"'):
            control.set_policy({"preset": "best"}, "cli")
        assert control.policy
        assert control.policy.name == "retry"
        assert requests.get(f"{client.url}/policy", timeout=5).json()["name"] == "retry"


def test_transitions_are_told_as_they_happen_with_the_breaker_as_it_is(fleet: Fleet, client: Server) -> None:
    told: list[Transition] = []
    with controlling(fleet) as control:
        control.changed.append(lambda what, value: told.append(value) if what == "transition" else None)
        control.set_policy({"preset": "breaker", "breaker": {"fail_max": 2}}, "cli")
        for _ in range(2):
            requests.get(f"{client.url}/fetch", timeout=5)
        until(lambda: [one for one in told if one.to == "open"], "the opening to be told", timeout_s=2.0)
        opened = next(one for one in told[::-1] if one.to == "open")
        assert (opened.replica, opened.from_, opened.missed) == ("client-0", "closed", 0)
        assert "2 consecutive failures" in opened.cause
        until(lambda: circuit_state(control) == "open", "the circuit to be shown open")
        circuit = view(control, "client-0").circuit
        assert circuit
        assert (circuit.fail_counter, circuit.fail_max) == (2, 2)
        assert circuit.seconds_until_half_open
        assert circuit.seconds_until_half_open > 0


def circuit_state(control: Control) -> str | None:
    """The state of client-0's breaker as last reported."""
    circuit = view(control, "client-0").circuit
    return circuit.state if circuit else None


def test_none_is_lost_while_no_panel_is_there(fleet: Fleet, client: Server) -> None:
    with controlling(fleet) as control:
        control.set_policy(FLAPPING, "cli")
        flap(client, 5)
    flap(client, 5)
    with controlling(fleet) as control:
        flap(client, 5)
        await_log(control, client)
        assert received(control) == log(client)
        assert all(one.missed == 0 for one in control.transitions())


def test_none_is_lost_or_told_twice_over_a_new_life_of_the_replica(fleet: Fleet, client: Server) -> None:
    with controlling(fleet) as control, gunicorn(CLIENT, env=NOBODY) as reborn:
        control.set_policy(FLAPPING, "cli")
        flap(client, 3)
        await_log(control, client)
        before = received(control)
        fleet.gone("client-0")
        fleet.put("client-0", reborn.url, life=2)
        until(lambda: view(control, "client-0").replica.restarts == 1, "the new life")
        await_state(control, "client-0", ApplyState.APPLIED)
        flap(reborn, 3)
        await_log(control, reborn)
        assert received(control) == [*before, *log(reborn)]
        assert view(control, "client-0").restart_gap_ms is not None


def test_a_replica_that_was_out_of_sight_for_a_moment_is_not_told_twice(fleet: Fleet, client: Server) -> None:
    with controlling(fleet) as control:
        control.set_policy(FLAPPING, "cli")
        flap(client, 2)
        await_log(control, client)
        fleet.put("client-0", client.url, ReplicaPhase.STARTING)
        until(lambda: view(control, "client-0").circuit is None, "client-0 not to be followed")
        flap(client, 2)
        fleet.put("client-0", client.url)
        await_log(control, client)
        assert received(control) == log(client)


def test_each_connection_asks_for_the_whole_log_first_and_at_once() -> None:
    """At its other end may be a new life: to wait for more than the old one had would hide it a second."""
    with stand_in() as server:
        opened = {"seq": 5, "at": 1.0, "from": "closed", "to": "open", "cause": "five"}
        server.document = {"state": "open", "fail_counter": 5, "transitions": [opened]}
        fleet = Fleet()
        fleet.put("client-0", server.url)

        def asked() -> list[str]:
            return [path for path in list(server.paths) if path.startswith("/breaker")]

        with controlling(fleet) as control:
            until(lambda: len(asked()) >= 2, "the breaker to be asked twice")
            assert asked()[:2] == ["/breaker?since=0&wait_s=0", "/breaker?since=5&wait_s=1"]
            server.mode = "dropping"
            until(lambda: len(asked()) >= 2 and asked()[-1].endswith("wait_s=0"), "a new connection")
            server.mode = "good"
            assert [one.seq for one in control.transitions()] == [5]


def test_transitions_can_be_asked_for_from_where_one_was(fleet: Fleet, client: Server) -> None:
    with controlling(fleet) as control:
        control.set_policy(FLAPPING, "cli")
        flap(client, 2)
        await_log(control, client)
        count = control.transition_count
        flap(client, 2)
        until(lambda: control.transition_count > count, "more transitions")
        assert control.transitions(count) == control.transitions()[count:]
        assert control.transitions(10**9) == []
