"""`brownout run`: real runs against a real target, judged by their exit codes and their folders."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from results import run_folder
from tests.commands.cli import ONE_EACH, Command, run, started
from tests.servers import Server, serve


@pytest.fixture
def target() -> Iterator[Server]:
    """A fast server that remembers what it was asked."""
    with serve([sys.executable, "-m", "tests.loadtest.target", "{fd}"], ready="/log") as server:
        yield server


def folder_in(out: Path) -> Path:
    """The only run folder."""
    (manifest,) = (out / "results" / "runs").glob("*/run.json")
    return manifest.parent


def asked(target: Server) -> int:
    """How many times /fetch was asked for."""
    return int(requests.get(f"{target.url}/log", timeout=5).json()["paths"]["/fetch"])


def test_a_run_is_recorded_and_every_threshold_told_with_its_value(target: Server, tmp_path: Path) -> None:
    thresholds = ("--threshold", "ok_ratio >= 99%", "--threshold", "p95 < 1us")
    load = ("--arrival-rate", "40", "--run-time", "4s", "--label", "a/b ü")
    code, output = run("run", "--target", target.url, *load, *thresholds, cwd=tmp_path)
    assert code == 1
    assert "✓ held" in output
    assert "✗ missed" in output
    result = run_folder.read(folder_in(tmp_path))
    assert result.ended_by_itself
    assert sum(counts.sum() for counts in result.counts().values()) == asked(target) == 160
    assert str(result.folder) in output.replace("\n", "")
    assert "160 in 00:0" in output


def test_a_run_with_a_fleet_samples_every_replica_and_leaves_nothing(tmp_path: Path) -> None:
    load = ("--users", "4", "--run-time", "4s", "--policy", "none", "--threshold", "ok_ratio >= 0.99")
    with started("run", *ONE_EACH, *load, cwd=tmp_path) as command:
        command.await_text("users ")
        command.note_family()
        assert command.wait() == 0, command.output
        command.await_family_gone()
    result = run_folder.read(folder_in(tmp_path))
    assert {sample.replica for sample in result.samples} == {"backend-0", "client-0"}
    assert "retry amplification 1.00" in command.output
    assert [event["kind"] for event in result.events].count("run-ended") == 1


def test_a_target_that_refuses_makes_the_run_invalid(tmp_path: Path) -> None:
    load = ("--arrival-rate", "20", "--run-time", "2s", "--threshold", "error_ratio <= 1")
    code, output = run("run", "--target", "http://127.0.0.1:1", *load, cwd=tmp_path)
    assert code == 3
    assert "the target never answered" in output
    assert "connection refused" in output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--threshold", "p59x < 3ms"], "p59x"),
        (["--threshold", "godput > 1/s"], "goodput"),
        (["--run-time", "soon"], '"soon" is not a time'),
        (["--users", "0"], "0 is not in the range"),
        (["--arrival-rate", "nan"], "nan is not a finite number"),
        (["--target", "localhost"], '"localhost" is not a URL'),
        (["--shape", "zigzag", "--target", "http://127.0.0.1:1"], "zigzag"),
        (["--out", "file", "--target", "http://127.0.0.1:1"], "file"),
        (["--locustfile", "broken.py", "--target", "http://127.0.0.1:1"], "SyntaxError"),
        (["--locustfile", "missing.py"], "missing.py"),
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


def long_run(target: Server) -> tuple[str, ...]:
    """The arguments of a run that is long enough to be ended from the outside."""
    load = ("--arrival-rate", "50", "--run-time", "60s")
    return ("run", "--target", target.url, *load, "--", "--processes", "2")


def await_requests(target: Server, command: Command, count: int) -> None:
    """Wait until the target was asked so many times."""
    command.await_event(lambda: command.note_family() and asked_or_zero(target) >= count, "the load")


def asked_or_zero(target: Server) -> int:
    """How many times /fetch was asked for, if at all."""
    return int(requests.get(f"{target.url}/log", timeout=5).json()["paths"].get("/fetch", 0))


def test_ctrl_c_ends_a_run_gently_with_everything_written(target: Server, tmp_path: Path) -> None:
    with started(*long_run(target), cwd=tmp_path) as command:
        await_requests(target, command, 100)
        command.interrupt()
        assert command.wait() == 130
        command.await_family_gone()
    assert "interrupted" in command.output
    result = run_folder.read(folder_in(tmp_path))
    assert result.manifest["how_ended"] == "interrupted"
    assert sum(counts.sum() for counts in result.counts().values()) == asked(target)


def test_ctrl_c_twice_ends_it_at_once_and_leaves_no_process(target: Server, tmp_path: Path) -> None:
    with started(*long_run(target), cwd=tmp_path) as command:
        await_requests(target, command, 50)
        command.interrupt()
        command.interrupt()
        assert command.wait() == 130
        command.await_family_gone()
    run_folder.read(folder_in(tmp_path))


def test_a_killed_harness_leaves_a_folder_that_reads_and_no_process(target: Server, tmp_path: Path) -> None:
    with started(*long_run(target), cwd=tmp_path) as command:
        await_requests(target, command, 150)
        command.process.kill()
        command.wait()
        command.await_family_gone()
    result = run_folder.read(folder_in(tmp_path))
    recorded = sum(counts.sum() for counts in result.counts().values())
    assert recorded >= 50  # at 50/s: no more than the last two of three seconds and more are missing
    assert json.loads((result.folder / "run.json").read_text())["label"] == "run"
