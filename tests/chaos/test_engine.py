"""The real Chaos Toolkit beside a real panel: what it leaves open is closed, trap by trap."""

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from brownout_terms.exits import Exit
from tests.chaos.experiments import DEADLINE_S, FAULTS, activity, experiment, run, started, steady, verdict
from tests.panel.test_api import ask, stand
from tests.servers import until

STRANGERS = "tests.chaos.strangers"


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with stand("--replicas", "--folder", str(tmp_path_factory.mktemp("run"))) as url:
        yield url


def told(url: str) -> list[tuple[str, str, str]]:
    """Part, activity and state of what the last experiment reported to the timeline."""
    events = [e for e in ask(url, "GET", "/api/history").document["events"] if e["kind"] == "activity"]
    starts = [i for i, e in enumerate(events) if (e["part"], e["state"]) == ("experiment", "started")]
    return [(e["part"], e["activity"], e["state"]) for e in events[starts[-1] :]]


def faults(url: str) -> Any:
    """The faults that are wanted now."""
    return ask(url, "GET", "/api/faults").document["faults"]["faults"]


def test_one_that_did_what_it_says_is_passed_and_told_as_it_happened(url: str, tmp_path: Path) -> None:
    code, output = run(url, experiment(), tmp_path)
    assert code == 0, output
    word, reason = verdict(tmp_path)
    assert (word, output.splitlines()[-1]) == ("passed", f"passed: {reason}")
    assert "1 fault set read back" in reason
    assert json.loads((tmp_path / "journal.json").read_text())["status"] == "completed"
    lines = told(url)
    assert lines[0] == ("experiment", "Half of the answers may be errors", "started")
    assert ("method", "action set_faults", "succeeded") in lines
    assert lines[-1] == ("experiment", "Half of the answers may be errors", "succeeded")
    assert [part for part, *_ in lines if part.startswith("hyp")] == ["hypothesis-before"] * 4 + [
        "hypothesis-after"
    ] * 4
    assert ask(url, "GET", "/api/state").document["experiment"]["verdict"] == f"passed: {reason}"
    assert faults(url) == []


def test_not_steady_to_begin_with_is_invalid_though_the_engine_completes(url: str, tmp_path: Path) -> None:
    document = experiment(**{"steady-state-hypothesis": steady(low=0.95)})
    assert run(url, document, tmp_path)[0] == 3
    word, reason = verdict(tmp_path)
    assert (word, json.loads((tmp_path / "journal.json").read_text())["status"]) == ("invalid", "completed")
    assert "found 0.9, and not 0.95 to 1.0" in reason
    assert "method" not in {part for part, *_ in told(url)}


def test_steady_before_and_not_after_is_deviated_with_an_exit_code_of_its_own(
    url: str, tmp_path: Path
) -> None:
    probe = {**activity("faults_active", "brownout.probes", "probe"), "tolerance": False}
    document = experiment(**{"steady-state-hypothesis": {"title": "Nothing is wrong", "probes": [probe]}})
    assert run(url, document, tmp_path)[0] == 4
    word, reason = verdict(tmp_path)
    assert word == "deviated"
    assert "found True, and not False" in reason
    assert faults(url) == []


def test_a_probe_of_the_method_that_is_out_of_its_tolerance_is_deviated_though_the_engine_passes_it_over(
    url: str, tmp_path: Path
) -> None:
    probe = activity("success_ratio", "brownout.probes", "probe", seconds=1)
    document = experiment(
        activity("set_faults", faults=FAULTS), {**probe, "tolerance": {"type": "range", "range": [0.95, 1.0]}}
    )
    assert run(url, document, tmp_path)[0] == 4
    assert verdict(tmp_path) == (
        "deviated",
        'during the method: the probe "probe success_ratio" found 0.9, and not 0.95 to 1.0',
    )
    journal = json.loads((tmp_path / "journal.json").read_text())
    assert (journal["status"], journal["deviated"]) == ("completed", False)
    assert ("method", "probe success_ratio", "failed") in told(url)


def test_an_action_that_matched_nothing_and_succeeded_is_invalid(url: str, tmp_path: Path) -> None:
    assert run(url, experiment(activity("terminate_nothing", STRANGERS)), tmp_path)[0] == 3
    assert "did nothing: its output is empty" in verdict(tmp_path)[1]


def test_a_control_that_did_not_report_in_stops_it_before_anything_happens(url: str, tmp_path: Path) -> None:
    before = len(ask(url, "GET", "/api/history").document["events"])
    provider = {"type": "python", "module": "brownout_chaos.control", "arguments": {"colour": "red"}}
    document = experiment(controls=[{"name": "broken", "provider": provider}])
    code, output = run(url, document, tmp_path)
    assert code == 3, output
    assert verdict(tmp_path)[1].startswith("the control that writes the timeline did not report in")
    events = ask(url, "GET", "/api/history").document["events"][before:]
    assert [(one["kind"], one.get("state")) for one in events] == [("activity", "failed")]  # its verdict


def test_a_panel_that_does_not_know_us_is_said_at_once(url: str, tmp_path: Path) -> None:
    assert run(url, experiment(), tmp_path, token="wrong") == (Exit.UNABLE, "the token is not this run's\n")


def test_a_failed_rollback_is_a_failed_experiment_in_capitals(url: str, tmp_path: Path) -> None:
    document = experiment(rollbacks=[activity("fail", STRANGERS), activity("clear_faults")])
    assert run(url, document, tmp_path)[0] == 5
    word, reason = verdict(tmp_path)
    assert json.loads((tmp_path / "journal.json").read_text())["status"] == "completed"
    assert word == "failed"
    assert reason.startswith('THE ROLLBACK "action fail" FAILED: the stranger broke')
    assert faults(url) == []  # the next one still ran


def test_after_a_failed_action_the_method_ends_and_is_rolled_back(url: str, tmp_path: Path) -> None:
    method = [activity("set_faults", faults=FAULTS), activity("fail", STRANGERS), activity("work", STRANGERS)]
    assert run(url, experiment(*method), tmp_path)[0] == 5
    assert verdict(tmp_path) == ("failed", 'the action "action fail" failed: the stranger broke')
    assert ("method", "action work", "started") not in told(url)
    assert faults(url) == []


@pytest.mark.parametrize(
    ("number", "method"),
    [
        pytest.param(signal.SIGTERM, "slow action", marks=pytest.mark.slow),
        (signal.SIGTERM, "slow action with a pause"),
        pytest.param(signal.SIGINT, "pause", marks=pytest.mark.slow),
    ],
)
def test_a_signal_aborts_it_wherever_it_is_and_the_rollbacks_run(
    url: str, tmp_path: Path, number: signal.Signals, method: str
) -> None:
    long = {
        "slow action": activity("slow", STRANGERS),
        "pause": activity("work", STRANGERS, pause=60),
        "slow action with a pause": activity("slow", STRANGERS, pause=60),
    }[method]
    with started(url, experiment(activity("set_faults", faults=FAULTS), long), tmp_path) as process:
        await_start(url, long["name"])
        process.send_signal(number)
        output, _ = process.communicate(timeout=DEADLINE_S)
    assert process.returncode == 130, output
    assert verdict(tmp_path) == ("aborted", f"it was stopped ({number.name}) before it was over")
    assert faults(url) == []
    assert told(url)[-1][2] == "aborted"


def test_a_second_signal_does_not_stop_the_rollbacks(url: str, tmp_path: Path) -> None:
    document = experiment(
        activity("set_faults", faults=FAULTS, pause=60),
        rollbacks=[activity("slow", STRANGERS, seconds=1.0), activity("clear_faults")],
    )
    with started(url, document, tmp_path) as process:
        until(lambda: faults(url), "the faults", DEADLINE_S)
        process.terminate()
        await_start(url, "action slow", "rollbacks")
        process.terminate()
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=DEADLINE_S)
    assert verdict(tmp_path)[0] == "aborted"
    assert faults(url) == []


def test_the_end_of_its_lifeline_aborts_it(url: str, tmp_path: Path) -> None:
    theirs, ours = os.pipe()
    try:
        with started(url, experiment(activity("slow", STRANGERS)), tmp_path, lifeline=theirs) as process:
            await_start(url, "action slow")
            os.close(ours)
            process.communicate(timeout=DEADLINE_S)
    finally:
        os.close(theirs)
    assert verdict(tmp_path)[0] == "aborted"


def test_a_panel_that_goes_away_fails_it(tmp_path: Path) -> None:
    with stand("--replicas", "--folder", str(tmp_path)) as url:
        document = experiment(activity("slow", STRANGERS, seconds=2), activity("work", STRANGERS))
        with started(url, document, tmp_path) as process:
            await_start(url, "action slow")
            kill_panel(url)
            process.communicate(timeout=DEADLINE_S)
    assert process.returncode == 5
    word, reason = verdict(tmp_path)
    assert word == "failed"
    assert reason.startswith("the panel was lost: ")
    assert "THE ROLLBACK" in reason


def await_start(url: str, name: str, part: str = "method") -> None:
    """Wait until an activity of the experiment that runs has started."""

    def has_started() -> bool:
        current = ask(url, "GET", "/api/state").document["experiment"]
        steps = current["steps"] if current and current["ended_at"] is None else []
        return (part, name) in {(one["part"], one["activity"]) for one in steps}

    until(has_started, f'"{name}" to start', DEADLINE_S)


def kill_panel(url: str) -> None:
    """End the panel's process, abruptly."""
    port = int(url.rpartition(":")[2].partition("/")[0])
    for child in psutil.Process().children():
        if any(one.laddr.port == port for one in child.net_connections(kind="inet")):
            child.kill()
