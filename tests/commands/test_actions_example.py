"""The example for GitHub Actions: its commands, in its order, in a clean clone."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import jsonschema_rs
import pytest
import yaml

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "docs" / "examples" / "github-actions.yml"
DEADLINE_S = 600


def steps() -> list[dict[str, object]]:
    document = yaml.safe_load(EXAMPLE.read_text("utf-8"))
    assert document[True] == ["pull_request"]  # YAML reads `on` as true
    (job,) = document["jobs"].values()
    assert job["runs-on"] == "ubuntu-latest"
    return list(job["steps"])


def test_the_example_is_a_workflow_whose_files_are_there() -> None:
    commands = [str(step["run"]) for step in steps() if "run" in step]

    assert len(commands) == 2
    named = [word for command in commands for word in command.split() if word.startswith("docs/")]
    assert len(named) == 2
    assert all((ROOT / name).is_file() for name in named)
    assert all("uses" in step or "run" in step for step in steps())


@pytest.mark.slow
@pytest.mark.timeout(DEADLINE_S)
def test_its_commands_run_in_a_clean_clone(tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "-q", ROOT, clone], check=True, timeout=DEADLINE_S)
    shown = tmp_path / "summary.md"
    environment = {
        name: value for name, value in os.environ.items() if name not in ("VIRTUAL_ENV", "PYTHONPATH")
    }

    for step in steps():
        if "run" in step:
            done = subprocess.run(
                ["bash", "-e", "-c", str(step["run"])],
                cwd=clone,
                env=environment | {"GITHUB_STEP_SUMMARY": str(shown)},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=DEADLINE_S,
                check=False,
            )
            assert done.returncode == 0, f"{step['run']}\n{done.stdout}\n{done.stderr}"

    assert "| goodput " in shown.read_text("utf-8")
    (folder,) = (clone / "results" / "runs").glob("*-pull-request")
    told = json.loads((folder / "summary.json").read_text("utf-8"))
    jsonschema_rs.validate(
        json.loads((clone / "results/brownout_results/report/summary.schema.json").read_text("utf-8")), told
    )
    assert told["passed"]
    assert [one["report_only"] for one in told["thresholds"]] == [False, False, False, True]
    assert {"report.html", "junit.xml"} <= {path.name for path in folder.iterdir()}
