"""The retry storm: without a budget it stays when its trigger is gone, with one the service comes back."""

import json
import re
from pathlib import Path

import pytest

from brownout_results.read import run_folder
from tests.chaos.experiments import verdict
from tests.commands.cli import FREE_PORTS, run
from tests.commands.test_run import folder_in

pytestmark = [pytest.mark.slow, pytest.mark.timeout(200)]


def storm(policy: str, home: Path) -> tuple[int, str, Path]:
    """The experiment as it comes, under a policy: exit code, output, run folder."""
    code, output = run(
        "run", "--experiment", "retry-storm", "--policy", policy, *FREE_PORTS, cwd=home, deadline_s=180
    )
    return code, output, folder_in(home)


def measured(folder: Path, name: str) -> float:
    """What a probe of the method found."""
    runs = json.loads((folder / "journal.json").read_text())["run"]
    (found,) = [one["output"] for one in runs if one["activity"]["name"] == name]
    return float(found)


def test_retries_without_a_budget_keep_the_service_down_though_nothing_is_wrong_any_more(
    tmp_path: Path,
) -> None:
    code, output, folder = storm("retry", tmp_path)
    assert code == 4, output
    assert verdict(folder)[0] == "deviated", verdict(folder)
    assert 'the probe "users are served"' in verdict(folder)[1]
    assert measured(folder, "retry amplification after the trigger") > 2
    assert measured(folder, "goodput before the trigger") > 25
    assert measured(folder, "goodput after the trigger") < 5
    (report,) = json.loads((folder / "summary.json").read_text())["runs"]
    events = run_folder.read(folder).events
    assert [one["action"] for one in events if one["kind"] == "fault"][:2] == ["set", "cleared"]
    limits = [(one["replica"], one["concurrency"]) for one in events if one["kind"] == "capacity"]
    assert sorted(limits) == [("backend-0", 2), ("backend-1", 2)]
    assert re.search(r"hysteresis +\| −", (folder / "summary.md").read_text()), report


def test_with_a_budget_and_a_breaker_it_comes_back(tmp_path: Path) -> None:
    code, output, folder = storm("full", tmp_path)
    assert code == 0, output
    assert verdict(folder)[0] == "passed", verdict(folder)
    assert measured(folder, "goodput after the trigger") > 25
