"""Real runs whose own parts are stopped: the service is not blamed, and the book says what is missing."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psutil
import pytest

from brownout.selftest.disturbances import part_of
from brownout_results.measure.book import book_of
from brownout_results.measure.harness import stalled_seconds, stalls
from brownout_results.read import run_folder
from brownout_results.record.event_log import NAME as EVENTS
from tests.commands.cli import ONE_EACH, Command, run, started
from tests.servers import until

pytestmark = pytest.mark.slow
LOAD = ("--users", "100", "--arrival-rate", "20", "--policy", "none", *ONE_EACH)
FLEET, LOCUST = "brownout_fleet", "brownout.locust_main"
LONG_S = 2.2
SLOW_MS = 1_000
"""No answer of the service takes as long, however busy the machine."""


class Under:
    """A run under way in a folder of its own."""

    def __init__(self, command: Command, out: Path) -> None:
        self.command = command
        self._out = out

    @property
    def folder(self) -> Path:
        (manifest,) = self._out.glob("results/runs/*/run.json")
        return manifest.parent

    def run(self) -> run_folder.Run:
        return run_folder.read(self.folder)

    def has_load(self) -> bool:
        """Whether some seconds of it are recorded."""
        has_begun = [*self._out.glob("results/runs/*/run.json")]
        return bool(has_begun) and int((self.run().load.ints("started") > 0).sum()) > 2

    def part(self, module: str) -> psutil.Process:
        """The process of the run that runs this module."""
        found = part_of(psutil.Process(self.command.process.pid), module)
        assert found is not None
        return found

    def stop(self, module: str, is_enough: Callable[[], bool]) -> None:
        """Stop a part until it is enough."""
        part = self.part(module)
        part.suspend()
        try:
            until(is_enough, "the stall to be long enough", 20)
        finally:
            part.resume()

    def summary(self) -> dict[str, Any]:
        """What summary.json says of the run."""
        told: dict[str, Any] = json.loads((self.folder / "summary.json").read_text("utf-8"))
        return told


def pending(one: Under) -> bool:
    """Whether the load generator has noted that the fleet process does not answer."""
    return '"seconds": null' in (one.folder / EVENTS).read_text("utf-8")


@pytest.fixture(scope="module")
def stopped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Under]:
    """A run whose fleet process was stopped until that was noticed, and that is over."""
    with ExitStack() as stack:
        out = tmp_path_factory.mktemp("stopped")
        one = Under(stack.enter_context(started("run", *LOAD, "--run-time", "18s", cwd=out)), out)
        one.command.await_event(one.has_load, "seconds of load")
        one.stop(FLEET, lambda: pending(one))
        one.command.wait(90)
        yield one


def test_the_book_of_an_undisturbed_run_balances(tmp_path: Path) -> None:
    code, output = run("run", *LOAD, "--run-time", "5s", cwd=tmp_path)

    assert code == 0 or "since the machine was busy" in output, output
    assert "the figures balance: " in output
    (folder,) = (path.parent for path in tmp_path.glob("results/runs/*/book.json"))
    findings = book_of(run_folder.read(folder)).findings
    closed = {one.account for one in findings}
    assert closed >= {"requests", "failures", "exceptions", "causes", "arrivals", "seconds"}
    (requests, *_) = findings
    assert [name for name, _ in requests.statements] == ["Locust", "recorded", "forwarder", "client replicas"]


def test_a_stopped_fleet_process_is_told_on_screen_and_in_the_summary(stopped: Under) -> None:
    (stall,) = (one for one in stalls(stopped.run()) if one.seconds >= 1)

    assert stall.process == "fleet process"
    assert "The fleet process stalled for" in stopped.command.output
    assert any("The fleet process stalled for" in notice for notice in stopped.summary()["notices"])


def test_what_was_under_way_in_a_stall_is_in_no_percentile_of_the_service(stopped: Under) -> None:
    run = stopped.run()

    assert run.histogram().max_us > 1000 * SLOW_MS
    figures = stopped.summary()["runs"][0]["figures"]
    assert figures["p99.9"] < SLOW_MS
    assert stalled_seconds(run)


def test_a_stall_unbalances_no_account(stopped: Under) -> None:
    assert book_of(stopped.run()).unbalanced == []


def test_a_part_that_stood_still_for_too_long_makes_the_run_invalid(tmp_path: Path) -> None:
    def is_enough() -> bool:
        return time.monotonic() > begun + LONG_S

    with started("run", *LOAD, "--run-time", "6s", "--threshold", "p95 < 1ms", cwd=tmp_path) as command:
        one = Under(command, tmp_path)
        command.await_event(one.has_load, "seconds of load")
        begun = time.monotonic()
        one.stop(FLEET, is_enough)
        assert command.wait(60) == 3, command.output

    assert "it stalled (the fleet process for" in command.output


def test_a_witness_that_was_lost_is_told(tmp_path: Path) -> None:
    workers = ("--users", "6", "--run-time", "8s", "--policy", "none", *ONE_EACH, "--", "--processes", "2")
    with started("run", *workers, cwd=tmp_path) as command:
        one = Under(command, tmp_path)
        command.await_event(one.has_load, "seconds of load")
        one.part(LOCUST).children()[0].kill()
        assert command.wait(60) == 3, command.output

    assert "processes do not balance" in command.output
