"""What Locust makes of a run, and why it ended, is what `brownout run` tells: real runs, side by side."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.commands.cli import Command, started
from tests.commands.verdict_cases import ASK, FOLDERS, HEAD, LOCUSTFILES, OPTIONS
from tests.loadtest.runs import target
from tests.servers import Server


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with target() as server:
        yield server


BATCHES = (
    ("healthy", "raises", "no such tag", "one dies"),
    ("own exit code", "own pardon", "own option", "listener raises"),
    ("goes on", "quits", "all die", "goes on, on workers"),
    ("late listener raises", "early exit code", "none can be made"),
    ("all give up", "exits", "cannot stop"),
)
"""Run side by side, since they mostly wait; each of the batches within the time of a test."""


class Runs:
    """A run of each locustfile, made when one of its batch is asked for."""

    def __init__(self, server: Server, folders: pytest.TempPathFactory) -> None:
        self._server = server
        self._folders = folders
        self._ended: dict[str, Command] = {}

    def __getitem__(self, name: str) -> Command:
        if name not in self._ended:
            self._run(next(batch for batch in BATCHES if name in batch))
        return self._ended[name]

    def _run(self, names: Sequence[str]) -> None:
        with ExitStack() as stack:
            for name in names:
                self._ended[name] = stack.enter_context(self._started(name))
            for name in names:
                self._ended[name].wait(55)

    def _started(self, name: str) -> AbstractContextManager[Command]:
        out = self._folders.mktemp("run")
        (out / "users.py").write_text(LOCUSTFILES[name])
        (out / "pyproject.toml").write_text(FOLDERS.get(name, ""))
        load = ["--users", "3", "--run-time", "6s", "--locustfile", "users.py", "--target", self._server.url]
        return started("run", *load, *OPTIONS.get(name, []), cwd=out)


@pytest.fixture(scope="module")
def runs(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Runs:
    return Runs(server, tmp_path_factory)


def summary_of(command: Command) -> dict[str, Any]:
    """The only run of a command, in its summary.json."""
    (path,) = command.folder.glob("results/runs/*/summary.json")
    summary: dict[str, Any] = json.loads(path.read_text())
    run: dict[str, Any] = summary["runs"][0]
    return summary | run


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "code", "words"),
    [
        ("healthy", 0, "✓ held"),
        ("raises", 1, "exceptions in tasks"),
        ("all die", 3, "nothing was sent: 3 × no login (users.py"),
        ("one dies", 1, "only 67 % of those asked for were alive"),
        ("own exit code", 42, "the locustfile set the exit code 42"),
        ("own pardon", 0, "exceptions"),
        ("own option", 0, "exceptions"),
        ("listener raises", 1, "a listener of Locust's events raised"),
        ("quits", 0, "a task of U ended it"),
        ("goes on", 0, "users did not stop when the load had ended, and were left behind 20 s later"),
        ("goes on, on workers", 3, "users on 2 workers did not stop when the load had ended"),
        ("no such tag", 3, "nothing was sent: "),
        ("late listener raises", 1, "a listener of Locust's events raised"),
        ("early exit code", 42, "the locustfile set the exit code 42"),
        ("none can be made", 3, "nothing was sent: no user was ever alive"),
        ("all give up", 3, "nothing was sent: no user was ever alive"),
        ("exits", 3, "it ended with exit code 0"),
        ("cannot stop", 0, "the figures balance"),
    ],
)
def test_a_run_ends_with_locusts_verdict_and_its_reason(runs: Runs, name: str, code: int, words: str) -> None:
    command = runs[name]
    assert command.process.returncode == code, command.output
    assert words in command.output
    assert "the load generator was killed" not in command.output
    assert "Traceback" not in command.output


@pytest.mark.slow
def test_exceptions_are_a_figure_and_the_report_tells_them(runs: Runs) -> None:
    summary = summary_of(runs["raises"])
    assert summary["exceptions"] == summary["requests"] > 30
    assert not summary["passed"]
    assert "'items' (users.py, line" in summary["locust_verdict"]
    assert any("'items'" in notice for notice in summary["notices"])
    assert summary_of(runs["healthy"])["passed"]


def test_users_that_died_are_a_figure_and_a_threshold(runs: Runs) -> None:
    summary = summary_of(runs["one dies"])
    assert round(summary["users_alive"], 2) == 0.67
    assert [one["passed"] for one in summary["thresholds"]] == [False, False]
    assert summary_of(runs["healthy"])["users_alive"] == 1


def test_locusts_own_sentence_says_why_nothing_was_sent(runs: Runs) -> None:
    assert "No tasks defined on U" in runs["no such tag"].output


@pytest.mark.slow
def test_a_load_that_was_ended_by_a_task_or_by_force_says_so_in_its_report(runs: Runs) -> None:
    for name, words in {"quits": "a task of U ended it", "goes on": "users did not stop"}.items():
        assert any(words in notice for notice in summary_of(runs[name])["notices"])


def test_a_locustfile_run_by_itself_works_and_says_once_that_nothing_is_recorded(
    server: Server, tmp_path: Path
) -> None:
    text = (
        HEAD
        + ASK
        + """
        self.tasks_done += 1
        if self.tasks_done == 3:
            raise SystemExit

if __name__ == "__main__":
    U.host = __import__("sys").argv.pop()
    run_single_user(U)
"""
    )
    (tmp_path / "users.py").write_text(text)
    done = subprocess.run(
        [sys.executable, "users.py", server.url],
        check=False,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=40,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("/ok") == 3
    assert done.stderr.count("records nothing") == 1
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "results").exists()


@pytest.mark.parametrize(
    "encoding",
    ["latin-1", *(pytest.param(one, marks=pytest.mark.slow) for one in ("ascii", "cp1252:strict"))],
)
def test_what_the_terminal_cannot_write_and_the_label_cannot_hold_is_replaced(
    server: Server, tmp_path: Path, encoding: str
) -> None:
    (tmp_path / "users.py").write_text(LOCUSTFILES["healthy"])
    load = ["--target", server.url, "--locustfile", "users.py", "--run-time", "2s"]
    checks = ["--threshold", "ok_ratio >= 1", "--label", os.fsdecode(b"caf\xe9 1")]
    done = subprocess.run(
        [sys.executable, "-P", "-m", "brownout", "run", *load, *checks],
        check=False,
        cwd=tmp_path,
        capture_output=True,
        timeout=60,
        env={**os.environ, "PYTHONIOENCODING": encoding},
    )
    assert done.returncode == 0, done.stderr
    assert b"? held" in done.stdout
    (folder,) = (tmp_path / "results" / "runs").glob("*-caf-1")
    assert json.loads((folder / "run.json").read_text())["label"] == "caf- 1"
    assert (folder / "report.html").exists()
