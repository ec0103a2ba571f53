"""`brownout run --experiment`: a real fleet, a real load, the real engine, one exit code."""

import json
from pathlib import Path

import pytest

from brownout_chaos import files
from brownout_results.read import run_folder
from tests.chaos.experiments import FAULTS, activity, experiment, ready, verdict, write
from tests.commands.cli import FREE_PORTS, alive, run, started
from tests.commands.test_run import folder_in

STEADY = {"steady-state-hypothesis": ready()}
"""A second's stall of the machine times requests out, so that no ratio is safe to expect here."""

LOAD = ("--users", "2", "--policy", "none", "--restart-delay", "0")


def test_a_proven_kill_is_passed_in_terminal_folder_and_exit_code(tmp_path: Path) -> None:
    method = [activity("set_load", users=3, spawn_rate=3), activity("kill_replica", seed=1)]
    path = write(tmp_path, experiment(*method, rollbacks=[activity("restore_load")], **STEADY))
    two = ("--clients", "1", *FREE_PORTS)
    with started("run", *two, *LOAD, "--experiment", str(path), cwd=tmp_path) as command:
        command.await_event(lambda: any(tmp_path.rglob(files.HANDED_OVER)), "the checked experiment")
        path.write_text("{")  # what was checked is what runs
        command.await_text("method             action kill_replica")
        command.note_family()
        assert command.wait() == 0, command.output
        command.await_family_gone()
    assert "✓ experiment passed: " in command.output
    assert "1 kill proven" in command.output
    result = run_folder.read(folder_in(tmp_path))
    assert verdict(result.folder)[0] == "passed"
    (kill,) = [event for event in result.events if event["kind"] == "kill"]
    journal = json.loads((result.folder / "journal.json").read_text())
    assert journal["run"][0]["output"]["settings"]["users"] == 3
    assert journal["rollbacks"][0]["output"]["settings"]["users"] == 2
    proof = journal["run"][1]["output"]["kills"][0]
    assert (proof["uid"], proof["name"]) == (kill["uid"], kill["replica"])
    assert proof["new_uid"] != proof["uid"]


@pytest.mark.slow
def test_an_interrupt_aborts_the_experiment_too_and_its_rollbacks_run(tmp_path: Path) -> None:
    path = write(tmp_path, experiment(activity("set_faults", faults=FAULTS, pause=60), **STEADY))
    fleet = ("--clients", "1", "--backends", "1", *FREE_PORTS)
    with started("run", *fleet, *LOAD, "--experiment", str(path), cwd=tmp_path) as command:
        command.await_text("users 2")
        folder = folder_in(tmp_path)
        command.await_event(lambda: faults(folder) == ["set"], "the faults")
        command.note_family()
        command.interrupt()
        assert command.wait() == 130, command.output
        command.await_family_gone()
    assert verdict(folder)[0] == "aborted"
    rolled_back = json.loads((folder / "journal.json").read_text())["rollbacks"]
    assert [one["status"] for one in rolled_back] == ["succeeded"]


@pytest.mark.slow
def test_one_that_is_killed_leaves_no_fault_and_is_aborted(tmp_path: Path) -> None:
    path = write(tmp_path, experiment(activity("set_faults", faults=FAULTS, pause=60), **STEADY))
    fleet = ("--clients", "1", "--backends", "1", *FREE_PORTS)
    with started("run", *fleet, *LOAD, "--experiment", str(path), cwd=tmp_path) as command:
        command.await_text("users 2")
        folder = folder_in(tmp_path)
        command.await_event(lambda: faults(folder) == ["set"], "the faults")
        (chaos,) = [one for one in command.note_family() if alive(one) and "brownout_chaos" in one.cmdline()]
        chaos.kill()
        assert command.wait() == 130, command.output
        command.await_family_gone()
    assert "! experiment aborted: its process ended before it was over" in command.output
    assert verdict(folder)[0] == "aborted"
    assert faults(folder) == ["set", "cleared"]


def faults(folder: Path) -> list[str]:
    """What was done to the faults, in the timeline so far."""
    events = [json.loads(line) for line in (folder / "events.jsonl").read_text().splitlines()]
    return [event["action"] for event in events if event["kind"] == "fault"]


def test_one_that_can_not_be_run_is_refused_before_any_load(tmp_path: Path) -> None:
    path = write(tmp_path, experiment(activity("kill_replica")))
    code, output = run("run", "--backends", "1", *FREE_PORTS, "--experiment", str(path), cwd=tmp_path)
    assert code == 2
    assert f'{path}: method[0] "action kill_replica": it would kill the last ready replica' in output
    assert not (tmp_path / "results").exists()
