"""An experiment file is read and checked once, by the process that runs it or hands it over."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from brownout_chaos.files import hand_over, handed_over, listed, load, load_listed
from tests.chaos.experiments import DEADLINE_S, activity, experiment, verdict, write
from tests.panel.test_api import stand
from tests.panel.token import TOKEN
from tests.servers import ROOT


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with stand("--replicas", "--folder", str(tmp_path_factory.mktemp("run"))) as url:
        yield url


def answered(name: str, folder: Path, variables: dict[str, str]) -> tuple[Any, int, str]:
    """What the program answers to who starts it as the panel does; its exit code, and what it printed."""
    ours, theirs = os.pipe()
    with subprocess.Popen(
        [sys.executable, "-m", "brownout_chaos", name, "--folder", str(folder), "--answer", str(theirs)],
        cwd=ROOT,
        env={**os.environ, **variables},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        pass_fds=[theirs],
    ) as process:
        os.close(theirs)
        try:
            with os.fdopen(ours, encoding="utf-8") as answer:
                output, _ = process.communicate(timeout=DEADLINE_S)
                return json.loads(answer.readline()), process.returncode, output
        finally:
            process.kill()


def test_a_file_that_changes_between_check_and_run_runs_as_it_was_checked(url: str, tmp_path: Path) -> None:
    path = write(tmp_path, experiment())
    variables = hand_over(load(path), tmp_path)
    path.write_text("{")
    panel = {"BROWNOUT_PANEL": url, "BROWNOUT_PANEL_TOKEN": TOKEN}
    answer, code, output = answered(str(path), tmp_path, variables | panel)
    assert (answer, code) == ({"refusal": None}, 0), output
    assert verdict(tmp_path)[0] == "passed"
    assert json.loads((tmp_path / "experiment.json").read_text()) == experiment()
    assert json.loads((tmp_path / "verdict.json").read_text())["file"] == str(path)


def test_one_that_is_refused_leaves_nothing_in_the_run_folder(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    path = write(tmp_path, experiment(activity("set_fautls")))
    answer, code, _ = answered(str(path), folder, {"BROWNOUT_EXPERIMENTS": str(path)})
    assert answer["refusal"].startswith(f'{path}: method[0] "action set_fautls": "brownout.actions" has no')
    assert code == 2
    assert list(folder.iterdir()) == []


def test_only_what_is_listed_is_run_for_the_panel(tmp_path: Path) -> None:
    path = write(tmp_path, experiment())
    answer, code, _ = answered(str(path), tmp_path, {})
    assert answer["refusal"].startswith(f'"{path}" is not a known experiment; there are: "brownout"')
    assert code == 2


def test_a_checked_experiment_is_listed_and_found_by_its_file_s_name(tmp_path: Path) -> None:
    path = write(tmp_path, experiment(activity("mark_phase", phase="a")))
    variables = hand_over(load(path), tmp_path)
    path.unlink()
    described = {one["file"]: one for one in listed(variables)}[str(path)]
    assert (described["title"], described["phases"]) == ("Half of the answers may be errors", ["a"])
    file = load_listed(str(path), variables)
    assert (file, file.is_checked) == (handed_over(variables), True)


def test_a_yaml_file_has_the_same_content_when_it_is_checked_and_when_it_runs(tmp_path: Path) -> None:
    path = tmp_path / "dated.yaml"
    path.write_text("title: x\nconfiguration: {day: 2026-01-02, 1: one}\n")
    file = load(path)
    handed = handed_over(hand_over(file, tmp_path))
    assert handed is not None
    assert handed.document == file.document
    assert file.document["configuration"] == {"day": "2026-01-02", "1": "one"}
