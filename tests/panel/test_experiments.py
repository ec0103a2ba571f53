"""Experiments from the panel: listed, started one at a time, followed step by step, stopped; measures."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.panel.test_api import ask, stand
from tests.servers import until


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with stand("--replicas", "--folder", str(tmp_path_factory.mktemp("run"))) as url:
        yield url


def current(url: str) -> Any:
    """The experiment that runs, or the last one."""
    return ask(url, "GET", "/api/state").document["experiment"]


def start(url: str, file: str) -> Any:
    return ask(url, "POST", "/api/experiments", {"file": file})


def await_end(url: str) -> Any:
    """The experiment when it has ended and its process is gone."""
    until(lambda: current(url)["ended_at"], "the experiment to end", 20)
    return current(url)


def events(url: str, kind: str) -> list[dict[str, Any]]:
    """The timeline's events of a kind."""
    return [one for one in ask(url, "GET", "/api/history").document["events"] if one["kind"] == kind]


def test_what_there_is_is_what_the_program_lists(url: str) -> None:
    listed = ask(url, "GET", "/api/experiments").document["experiments"]
    assert {"file": "endless", "title": "The endless one", "phases": ["a"]} in listed


def test_an_experiment_goes_step_by_step_to_its_verdict_and_is_in_the_timeline(url: str) -> None:
    answer = start(url, "three-steps")
    assert (answer.status, answer.document["state"]) == (202, "running")
    over = await_end(url)
    assert (over["title"], over["file"], over["state"]) == ("A test", "three-steps", "succeeded")
    assert over["verdict"] == "passed: all was well"
    assert [(one["part"], one["state"]) for one in over["steps"]] == [
        ("hypothesis-before", "succeeded"),
        ("method", "succeeded"),
        ("rollbacks", "succeeded"),
    ]
    told = events(url, "activity")[-8:]
    assert [one["state"] for one in told] == ["started", *["started", "succeeded"] * 3, "succeeded"]
    assert {one["by"] for one in told} == {"experiment"}


def test_one_at_a_time_and_stopping_lets_it_put_everything_back(url: str) -> None:
    until(lambda: start(url, "endless").status == 202, "the one before to be gone")
    again = start(url, "three-steps")
    assert (again.status, again.document["code"]) == (409, "experiment-busy")
    until(lambda: len(current(url)["steps"]) == 2, "its second step")
    over = ask(url, "DELETE", "/api/experiments").document["current"]
    assert (over["state"], over["verdict"]) == ("aborted", "aborted: it was stopped")
    assert over["steps"][-1]["part"] == "rollbacks"
    assert ask(url, "DELETE", "/api/experiments").document["current"] == over  # none runs: nothing to do


def test_stop_everything_clears_faults_ends_the_experiment_and_stops_the_load_in_that_order(url: str) -> None:
    assert start(url, "endless").status == 202
    until(lambda: len(current(url)["steps"]) == 2, "its second step")
    steps = ask(url, "POST", "/api/stop-everything").document["steps"]
    assert [(one["step"], one["outcome"]) for one in steps] == [
        ("faults", "cleared"),
        ("experiment", "stopped"),
        ("load", "stopped"),
    ]
    assert current(url)["state"] == "aborted"
    assert current(url)["steps"][-1]["state"] == "succeeded"  # its rollback, which sets a policy
    refused = start(url, "three-steps")
    assert (refused.status, refused.document["code"]) == (409, "blocked")
    ask(url, "POST", "/api/release")


def test_one_that_dies_without_a_verdict_is_said_to_have_failed_with_its_last_words(url: str) -> None:
    assert start(url, "mute").status == 202
    over = await_end(url)
    assert over["state"] == "failed"
    assert "exit code 1 and without a verdict. Its last words: it broke" in over["verdict"]


def test_one_that_dies_without_a_verdict_leaves_no_fault(url: str) -> None:
    ask(url, "PUT", "/api/faults", {"faults": [{"kind": "error", "rate": 1.0}]})
    until(lambda: start(url, "mute").status == 202, "the one before to be gone")
    until(lambda: events(url, "fault")[-1]["action"] == "cleared", "the faults to be cleared")
    assert events(url, "fault")[-1]["by"] == "harness"
    assert ask(url, "GET", "/api/faults").document["faults"]["faults"] == []


@pytest.mark.parametrize(
    ("file", "words"),
    [
        ("bad", '"bad" has no steady state'),
        ("/etc/passwd", 'there are: "three-steps"'),
        ("dead", '"dead" can\'t be run: exit code 1. Its last words: it broke at once'),
    ],
)
def test_one_that_can_not_be_run_is_refused_in_the_programs_words(url: str, file: str, words: str) -> None:
    before = current(url)
    answer = start(url, file)
    assert (answer.status, answer.document["code"]) == (400, "experiment-refused")
    assert words in answer.document["detail"]
    assert current(url) == before
    assert events(url, "experiment")[-1]["code"] == "experiment-refused"


def test_without_a_load_no_experiment_is_started() -> None:
    with stand() as url:
        answer = start(url, "three-steps")
        assert (answer.status, answer.document["code"]) == (409, "experiment-busy")


def test_one_that_was_started_elsewhere_is_shown_and_keeps_others_from_starting() -> None:
    report = {"experiment": "Theirs", "part": "experiment", "activity": "Theirs", "state": "started"}
    with stand() as url:
        ask(url, "POST", "/api/activities", report)
        assert (current(url)["title"], current(url)["file"]) == ("Theirs", None)
        assert start(url, "three-steps").document["code"] == "experiment-busy"
        assert ask(url, "DELETE", "/api/experiments").status == 409
        steps = ask(url, "POST", "/api/stop-everything").document["steps"]
        assert [one["code"] for one in steps] == ["ok", "experiment-busy", "ok"]


def test_measures_are_of_the_last_whole_seconds(url: str) -> None:
    until(lambda: ask(url, "GET", "/api/measures?window_s=2").document["seconds"] == 2, "two seconds")
    measures = ask(url, "GET", "/api/measures?window_s=2&percentiles=50,99.9").document
    assert (measures["requests"], measures["goodput"], measures["availability"]) == (200, 90, 0.9)
    assert measures["latency_ms"].keys() == {"50", "99.9"}


@pytest.mark.parametrize(
    "query",
    [
        "window_s=0",
        "window_s=3601",
        "window_s=x",
        "percentiles=",
        "percentiles=0",
        "percentiles=101",
        "percentiles=5,",
    ],
)
def test_a_window_or_percentile_that_can_not_be_meant_is_refused(url: str, query: str) -> None:
    answer = ask(url, "GET", f"/api/measures?{query}")
    assert answer.status == 400
    assert "allowed: " in answer.document["detail"]
