"""Actions and probes against a real panel with a real backend and client."""

from collections.abc import Iterator

import pytest
from chaoslib.exceptions import ActivityFailed

from brownout_chaos import actions, discover, probes
from tests.panel.test_api import ask, stand
from tests.panel.token import TOKEN
from tests.servers import until


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with stand("--replicas", "--folder", str(tmp_path_factory.mktemp("run"))) as url:
        yield url


@pytest.fixture(autouse=True)
def panel(url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("BROWNOUT_PANEL", url)
    monkeypatch.setenv("BROWNOUT_PANEL_TOKEN", TOKEN)
    return url


ERRORS = {"kind": "error", "rate": 0.3, "status": 503}


def test_faults_are_on_every_backend_when_set_and_on_none_when_cleared(url: str) -> None:
    made = actions.set_faults([ERRORS], seed=3)
    assert (made["applied"], made["of"], made["faults"][0]["rate"]) == (1, 1, 0.3)
    assert ask(url, "GET", "/api/faults").document["faults"]["seed"] == 3
    assert probes.faults_active()
    assert actions.clear_faults() == {"cleared": 1, "of": 1}
    assert not probes.faults_active()
    events = ask(url, "GET", "/api/history").document["events"]
    assert {one["by"] for one in events if one["kind"] == "fault"} == {"experiment"}


def test_a_fault_that_does_not_exist_fails_the_action_in_the_backends_words() -> None:
    with pytest.raises(ActivityFailed, match="rate"):
        actions.set_faults([{"kind": "error", "rate": 1.5}])
    assert not probes.faults_active()


def test_a_policy_is_put_back_to_what_was_found_first(url: str) -> None:
    assert actions.restore_policy() == {"unchanged": True}
    until(lambda: ask(url, "GET", "/api/policy").document["policy"], "the client's policy")
    before = ask(url, "GET", "/api/policy").document["policy"]["name"]
    assert actions.set_policy("none")["policy"] == "none"
    assert actions.set_policy(policy={"preset": "retry"})["before"] == "none"
    assert actions.restore_policy()["policy"] == before == "lab"


def test_of_a_load_that_runs_only_the_users_can_be_changed() -> None:
    assert actions.set_load(users=3)["state"] == "running"
    for change in ({"arrival_rate": 5.0}, {"shape": "ramp"}):
        with pytest.raises(ActivityFailed, match="keeps its arrival rate and its shape"):
            actions.set_load(**change)
    assert actions.restore_load()["state"] == "running"
    assert actions.restore_load() == {"unchanged": True}


def test_a_kill_that_is_refused_or_has_no_target_fails() -> None:
    with pytest.raises(ActivityFailed, match="last ready replica"):
        actions.kill_replica("backend")
    with pytest.raises(ActivityFailed, match='no replica of "nobody"'):
        actions.kill_replica("nobody")


def test_a_phase_is_marked_on_the_timeline(url: str) -> None:
    actions.mark_phase("recovery")
    assert ask(url, "GET", "/api/history").document["events"][-1]["name"] == "recovery"


def test_probes_wait_for_their_window_and_say_what_users_saw() -> None:
    assert probes.success_ratio(2) == probes.success_ratio(2, with_fallbacks=True) == 0.9
    assert probes.goodput(2) == 90
    assert probes.latency_percentile(99, 2) == pytest.approx(10, rel=0.01)
    assert probes.breaker_state() == probes.breaker_state("client-0") == "closed"
    assert probes.all_replicas_ready()
    assert probes.all_replicas_ready("backend", within_s=1.0)


def test_what_is_not_known_fails_a_probe() -> None:
    with pytest.raises(ActivityFailed, match="nothing is known"):
        probes.retry_amplification(2)  # no request reached a client
    assert probes.retry_amplification(2, null_if_unknown=True) is None
    with pytest.raises(ActivityFailed, match="no breaker is known of 'backend-0'"):
        probes.breaker_state("backend-0")
    with pytest.raises(ActivityFailed, match="there is no replica of 'db'"):
        probes.all_replicas_ready("db")


def test_without_a_panel_every_activity_fails_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BROWNOUT_PANEL", "http://127.0.0.1:1/panel")
    with pytest.raises(ActivityFailed, match="doesn't answer"):
        actions.clear_faults()
    monkeypatch.delenv("BROWNOUT_PANEL")
    with pytest.raises(ActivityFailed, match="brownout run --experiment FILE"):
        probes.success_ratio()


def test_discover_finds_every_activity_with_its_documentation() -> None:
    found = {(one["type"], one["name"]): one for one in discover()["activities"]}
    expected = {("action", name) for name in actions.__all__} | {("probe", name) for name in probes.__all__}
    assert found.keys() == expected
    assert all(one["doc"] for one in found.values())
    assert [one["name"] for one in found["probe", "success_ratio"]["arguments"]] == [
        "seconds",
        "with_fallbacks",
        "null_if_unknown",
    ]
