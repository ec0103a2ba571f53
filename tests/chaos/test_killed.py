"""`chaos run` beside a panel, killed with SIGKILL: the panel that renews its faults clears them."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from brownout_chaos import control
from brownout_chaos.session import FaultLease
from brownout_panel.session import TIMEOUT_S
from tests.chaos.experiments import DEADLINE_S, FAULTS, activity, experiment, write
from tests.panel.test_api import ask, stand
from tests.panel.token import TOKEN
from tests.servers import until


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with stand("--replicas", "--folder", str(tmp_path_factory.mktemp("run"))) as url:
        yield url


def answer(url: str, path: str) -> Any:
    return ask(url, "GET", path).document


def events(url: str, kind: str) -> list[dict[str, Any]]:
    """The timeline's events of a kind."""
    return [one for one in answer(url, "/api/history")["events"] if one["kind"] == kind]


def chaos_run(url: str, document: object, folder: Path) -> subprocess.Popen[bytes]:
    """Chaos Toolkit's own command, as anybody types it."""
    return subprocess.Popen(
        [sys.executable, "-m", "chaostoolkit", "run", str(write(folder, document))],
        cwd=folder,
        env={**os.environ, "BROWNOUT_PANEL": url, "BROWNOUT_PANEL_TOKEN": TOKEN, "HOME": str(folder)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


@pytest.mark.slow
@pytest.mark.timeout(150)
def test_faults_of_a_chaos_run_that_was_killed_are_cleared_and_it_is_told(url: str, tmp_path: Path) -> None:
    slow = activity("set_faults", faults=FAULTS, pause=300)
    document = experiment(slow, controls=[control.DECLARATION])
    with chaos_run(url, document, tmp_path) as process:
        try:
            until(lambda: answer(url, "/api/faults")["faults"]["faults"], "the faults", DEADLINE_S)
            time.sleep(TIMEOUT_S + 3)  # longer than the panel would wait for one that is silent
            assert answer(url, "/api/faults")["faults"]["faults"], "it lives, and its faults are wanted"
        finally:
            process.kill()
    killed = time.monotonic()
    until(lambda: not answer(url, "/api/faults")["faults"]["faults"], "no faults", TIMEOUT_S + 10)
    assert time.monotonic() - killed < 30  # their lease
    until(lambda: events(url, "fault")[-1]["action"] == "cleared", "the clearing to be read back")
    assert (events(url, "fault")[-1]["by"], events(url, "fault")[-1]["outcome"]) == ("harness", "applied")
    (lost,) = [one for one in events(url, "experiment") if one["action"] == "lost"]
    assert (lost["by"], "are cleared" in lost["outcome"]) == ("harness", True)
    current = answer(url, "/api/state")["experiment"]
    assert (current["state"], current["verdict"]) == ("failed", "its process is gone")


@pytest.mark.slow
def test_a_chaos_run_that_ends_leaves_the_clearing_to_its_rollbacks(url: str, tmp_path: Path) -> None:
    with chaos_run(url, experiment(), tmp_path) as process:
        assert process.wait(DEADLINE_S) == 0
    assert json.loads((tmp_path / "journal.json").read_text())["status"] == "completed"
    assert answer(url, "/api/faults")["faults"]["faults"] == []


def test_the_heart_beats_until_nothing_is_held_and_again_for_the_next_faults() -> None:
    answers = [True, True, False]
    asked: list[bool] = []

    def beat() -> bool:
        asked.append(answers.pop(0))
        return asked[-1]

    heart = FaultLease(beat, pause_s=0.01)
    heart.hold()
    until(lambda: not answers, "three beats")
    answers += [True, False]
    until(lambda: len(asked) == 3, "no more")
    heart.hold()
    until(lambda: not answers, "two more")
    assert asked == [True, True, False, True, False]
