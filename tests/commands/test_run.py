"""`brownout run`: real runs against a real target, judged by their exit codes and their folders."""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

from brownout_results.read import run_folder
from brownout_terms.exits import Exit
from tests.commands.cli import ONE_EACH, Command, run, started
from tests.servers import Server, serve

NOWHERE = ("--target", "http://127.0.0.1:1")


def folder_in(out: Path) -> Path:
    """The only run folder."""
    (manifest,) = (out / "results" / "runs").glob("*/run.json")
    return manifest.parent


@dataclass
class Run:
    """A command under way, and the server that it loads."""

    command: Command
    server: Server
    out: Path

    @property
    def folder(self) -> Path:
        return folder_in(self.out)

    def read(self) -> run_folder.Run:
        return run_folder.read(self.folder)

    def asked(self) -> int:
        """How many times /fetch was asked for, if at all."""
        log = requests.get(f"{self.server.url}/log", timeout=5).json()
        return int(log["paths"].get("/fetch", 0))

    def recorded(self) -> int:
        """Requests in the run folder."""
        return sum(int(counts.sum()) for counts in self.read().counts().values())


Start = Callable[..., Run]


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    """Starts a run against a server of its own that remembers what it was asked."""
    with ExitStack() as stack:

        def begin(*arguments: str, target: str | None = None) -> Run:
            command = [sys.executable, "-m", "tests.loadtest.target", "{fd}"]
            server = stack.enter_context(serve(command, ready="/log"))
            where = [] if "--clients" in arguments else ["--target", target or server.url]
            out = tmp_path_factory.mktemp("run")
            return Run(stack.enter_context(started("run", *where, *arguments, cwd=out)), server, out)

        yield begin


@pytest.fixture(scope="module")
def whole(start: Start) -> dict[str, Run]:
    """Runs that end by themselves, side by side since they mostly wait."""
    thresholds = ("--threshold", "ok_ratio >= 99%", "--threshold", "p95 < 1us")
    load = ("--users", "4", "--run-time", "4s", "--policy", "none", "--threshold", "ok_ratio >= 0.99")
    none = ("--threshold", "error_ratio <= 1", "--", "--count-as-failure", "none")
    runs = {
        "recorded": start("--arrival-rate", "40", "--run-time", "4s", "--label", "a/b ü", *thresholds),
        "fleet": start(*ONE_EACH, *load),
        "refused": start("--arrival-rate", "20", "--run-time", "2s", *none, target="http://127.0.0.1:1"),
    }
    runs["fleet"].command.await_text("users ")
    for one in runs.values():
        one.command.wait()
    return runs


def test_a_run_is_recorded_and_every_threshold_told_with_its_value(whole: dict[str, Run]) -> None:
    one = whole["recorded"]
    output = one.command.output
    assert one.command.process.returncode == 1, output
    assert "✓ held" in output
    assert "✗ missed" in output
    assert one.read().ended_by_itself
    assert one.recorded() == one.asked() == 160
    assert str(one.folder) in output.replace("\n", "")
    assert "160 in 00:0" in output


def test_a_run_with_a_fleet_samples_every_replica_and_leaves_nothing(whole: dict[str, Run]) -> None:
    one = whole["fleet"]
    assert one.command.process.returncode == 0, one.command.output
    one.command.await_family_gone()
    result = one.read()
    assert {sample.replica for sample in result.samples} == {"backend-0", "client-0"}
    assert "retry amplification 1.00" in one.command.output
    assert [event["kind"] for event in result.events].count("run-ended") == 1
    (found,) = (event for event in result.events if event["kind"] == "policy")
    assert (found["action"], found["name"], found["policy"]["retry"]["enabled"]) == ("found", "none", False)


def test_a_target_that_refuses_makes_the_run_invalid_whatever_counts_as_a_failure(
    whole: dict[str, Run],
) -> None:
    one = whole["refused"]
    assert one.command.process.returncode == 3, one.command.output
    assert "the target never answered any of 40 requests: 40 × connection refused" in one.command.output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--threshold", "p59x < 3ms"], "p59x"),
        (["--threshold", "godput > 1/s"], "goodput"),
        (["--run-time", "soon"], '"soon" is not a duration'),
        (["--users", "0"], "0 is not in the range"),
        (["--arrival-rate", "nan"], "nan is not a finite number"),
        (["--target", "localhost"], '"localhost" is not a URL'),
        (["--shape", "zigzag"], '"zigzag" is no shape; allowed: steady'),
        (["--out", "file", "--target", "http://127.0.0.1:1"], "file"),
        (["--locustfile", "broken.py", "--target", "http://127.0.0.1:1"], "SyntaxError"),
        (["--locustfile", "missing.py"], "missing.py"),
        (["--locustfile", "file", "--target", "http://127.0.0.1:1"], 'must end with ".py"'),
        ([*NOWHERE, "--", "--worker"], "a worker only waits for a master's"),
        (["--policy", "ful"], "full"),
        ([*NOWHERE, "--policy", "full", "--backends", "5"], "--backends, --policy say what to start"),
        ([*NOWHERE, "--fleet", "compose", "--log-dir", "x"], "--fleet, --log-dir say what to start"),
        ([*NOWHERE, "--client-port", "0"], "--injector URL"),
        ([*NOWHERE, "--namespace", "lab"], "--namespace says what to start"),
        ([*NOWHERE, "--kill", "backend"], '"backend" is a service of a fleet'),
        ([*NOWHERE, "--fault", "error=30%"], "as in: --injector http"),
        ([*NOWHERE, "--fault", "error=30%", "--", "--processes", "2"], "as in: --injector http"),
        ([*NOWHERE, "--threshold", "p95 <= baseline * 1.1"], "--baseline RUN"),
        ([*NOWHERE, "--threshold", "p95 < 1s", "--baseline", "file"], "no threshold is relative"),
    ],
)
def test_a_usage_error_is_exit_code_2_and_nothing_starts(
    tmp_path: Path, arguments: list[str], message: str
) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "broken.py").write_text("def (:")
    code, output = run("run", *arguments, cwd=tmp_path)
    assert code == 2, output
    assert message in output
    assert not list(tmp_path.glob("results/runs/*/run.json"))


def test_an_experiment_whose_panel_could_not_be_found_is_refused_before_any_load(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BROWNOUT_STATE_DIR", "/dev/null/state")
    code, output = run("run", *ONE_EACH, "--fault", "error=50%", cwd=tmp_path)
    assert code == Exit.UNABLE, output
    assert 'its state folder can\'t be written: "/dev/null/state"' in output
    assert "BROWNOUT_STATE_DIR=DIR" in output
    assert not list(tmp_path.glob("results/**/*.log"))


def kill_locust(one: Run) -> None:
    """As the kernel does when memory runs out."""
    own = [process for process in one.command.note_family() if "brownout.locust_main" in process.cmdline()]
    os.killpg(own[0].pid, signal.SIGKILL)


def interrupt_twice(one: Run) -> None:
    one.command.interrupt()
    one.command.interrupt()


ENDS: dict[str, Callable[[Run], None]] = {
    "Ctrl-C": lambda one: one.command.interrupt(),
    "Ctrl-C twice": interrupt_twice,
    "harness killed": lambda one: one.command.process.kill(),
    "Locust killed": kill_locust,
}
ENOUGH = 150
"""Requests before the end: at 50/s no more than the last two of three seconds and more are missing."""


def await_load(one: Run) -> None:
    """Wait until enough has been asked."""
    one.command.await_event(lambda: one.asked() >= ENOUGH, "the load")


@pytest.fixture(scope="module")
def ended(start: Start) -> dict[str, Run]:
    """Runs that would have gone on for a minute, and how they were ended."""
    load = ("--arrival-rate", "50", "--run-time", "60s", "--", "--processes", "2")
    runs = {name: start(*load) for name in ENDS}
    for name, one in runs.items():
        await_load(one)
        ENDS[name](one)
    for one in runs.values():
        one.command.wait()
    return runs


def test_however_a_run_is_ended_no_process_is_left_and_its_folder_reads(ended: dict[str, Run]) -> None:
    for one in ended.values():
        one.command.await_family_gone()
        assert one.read().manifest["label"] == "run"


def test_ctrl_c_ends_a_run_gently_with_everything_written(ended: dict[str, Run]) -> None:
    one = ended["Ctrl-C"]
    assert one.command.process.returncode == 130, one.command.output
    assert "interrupted" in one.command.output
    assert one.read().manifest["how_ended"] == "interrupted"
    assert one.recorded() == one.asked()


def test_ctrl_c_twice_ends_it_at_once(ended: dict[str, Run]) -> None:
    assert ended["Ctrl-C twice"].command.process.returncode == 130


def test_a_killed_harness_leaves_all_but_the_last_seconds(ended: dict[str, Run]) -> None:
    assert ended["harness killed"].recorded() >= ENOUGH - 100


def test_a_load_generator_that_is_killed_makes_the_run_invalid(ended: dict[str, Run]) -> None:
    """What was recorded until then may well meet every threshold."""
    one = ended["Locust killed"]
    assert one.command.process.returncode == 3, one.command.output
    assert "the record breaks off" in one.command.output
    assert "it was ended by SIGKILL" in one.command.output
    assert one.recorded() >= ENOUGH - 100
