"""Real Locust runs against a real server, recorded: nothing is lost, whatever happens to whom."""

import json
import os
import resource
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import psutil
import pytest

from brownout_fleet.free_port import free_port
from brownout_results.read.run_folder import Run, RunState, read
from tests.loadtest.runs import STOP, Locust, ask, locust, log_of, target
from tests.servers import Server, until

ASKERS = Path(__file__).with_name("askers.py")
USERS = 6
LONG = "60s"
"""For runs that are ended by a signal."""


@dataclass
class Began:
    """A run under way, and the server that it asks."""

    locust: Locust
    server: Server
    out: Path
    killed_at: float = 0.0

    @property
    def folder(self) -> Path:
        (folder,) = self.locust.folders()
        return folder

    def run(self) -> Run:
        """What the run folder holds now."""
        return read(self.folder)

    def wait_for_requests(self) -> None:
        """Until the first of them are recorded."""
        until(lambda: [*self.out.glob("runs/*/run.json")], "the run folder", 20)
        until(lambda: recorded(self.run()), "requests in the run folder", 20)

    def wait_for_worker(self, state: str) -> None:
        """Until one of the workers is noted to be in this state."""
        until(lambda: state in worker_states(self.run()), f"a worker to be {state}", 20)

    def worker(self) -> psutil.Process:
        """One of the worker processes."""
        return psutil.Process(self.locust.process.pid).children()[0]

    def interrupt(self) -> None:
        """Ctrl-C."""
        self.locust.process.send_signal(signal.SIGINT)

    def limit_files(self, size: int) -> None:
        """Let no file of Locust's grow beyond this size: to its writer like a full disk."""
        resource.prlimit(self.locust.process.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

    def kill(self) -> None:
        """SIGKILL to all of it."""
        self.killed_at = time.monotonic()
        os.killpg(self.locust.process.pid, signal.SIGKILL)

    def locusts_total(self) -> int:
        """Requests in Locust's own tables, at the end."""
        text = (self.out / "total.json").read_text("utf-8")
        return sum(entry["num_requests"] for entry in json.loads(text))


Runs = dict[str, Began]


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runs]:
    """Six runs side by side, since they mostly wait, and what befell them: all are over."""
    with ExitStack() as stack:

        def begin(name: str, time_limit: str, *options: str) -> Began:
            out = tmp_path_factory.mktemp(name)
            server = stack.enter_context(target())
            port = str(free_port())
            ports = ["--master-bind-port", port, "--master-port", port]
            users = ["--headless", "-u", str(USERS), "-r", "100", "-t", time_limit, "-H", server.url]
            more = ["--only-summary", "--json-file", "total", *ports, *options]
            return Began(stack.enter_context(locust(out, *users, *more, locustfile=ASKERS)), server, out)

        begun = {
            "whole": begin("whole", "4s", "--processes", "4"),
            "worker killed": begin("worker-killed", LONG, "--processes", "2"),
            "worker away": begin("worker-away", LONG, "--processes", "2"),
            "disk full": begin("disk-full", LONG),
            "interrupted": begin("interrupted", LONG),
            "killed": begin("killed", LONG),
        }
        for run in begun.values():
            run.wait_for_requests()
        befall(begun)
        yield begun


def befall(runs: Runs) -> None:
    """What happens to the runs, until they are over."""
    assert runs["killed"].run().state is RunState.RUNNING
    away = runs["worker away"].worker()
    away.suspend()
    runs["worker killed"].worker().kill()
    full = runs["disk full"]
    full.limit_files((full.folder / "latency.hlog").stat().st_size + 100)
    full.locust.says("latency.hlog can't be written: File too large")
    assert full.run().problems == []
    runs["worker away"].wait_for_worker("silent")
    away.resume()
    full.limit_files(resource.RLIM_INFINITY)
    runs["worker away"].wait_for_worker("returned")
    runs["worker killed"].wait_for_worker("silent")
    until(lambda: "written again" in full.locust.output(), "the disk to be written again")
    runs["killed"].kill()
    for name in ("worker killed", "worker away", "disk full", "interrupted"):
        runs[name].interrupt()
    for run in runs.values():
        run.locust.finish()


def recorded(run: Run) -> int:
    return run.histogram().count


def worker_states(run: Run) -> list[str]:
    return [event["state"] for event in run.events if event["kind"] == "worker"]


def test_a_killed_run_reads_and_misses_two_seconds_at_most(runs: Runs) -> None:
    killed = runs["killed"]
    run = killed.run()

    assert (run.state, run.ended_by_itself) == (RunState.CUT_OFF, False)
    assert run.manifest["how_ended"] is run.manifest["ended"] is None
    asked_before = sum(moment < killed.killed_at - 2 for moment in log_of(killed.server)["asked"])
    assert asked_before > 0
    assert recorded(run) >= asked_before - USERS  # those on their way across that moment
    assert USERS in {row.users for row in run.load}


def test_all_requests_of_four_processes_are_recorded_once_each(runs: Runs) -> None:
    whole = runs["whole"]
    run = whole.run()

    assert run.problems == []
    assert (run.manifest["how_ended"], run.ended_by_itself) == ("completed", True)
    assert recorded(run) == run.histogram(measure="service").count == whole.locusts_total()
    asked = log_of(whole.server)["paths"]
    for name, path in (("/fetch", "/fetch"), ("/other, thing|?x=%é", "/other?x=1")):
        # Those on their way when the users are stopped are in nobody's count.
        assert asked[path] - USERS <= run.histogram(("GET", name)).count <= asked[path]
    assert max(row.workers or 0 for row in run.load) == 4
    assert sum(row.started for row in run.load) == recorded(run)
    assert [worker["state"] for worker in run.manifest["workers"]] == ["finished"] * 4


def test_locusts_own_tables_end_with_the_run_and_have_full_history(runs: Runs) -> None:
    whole = runs["whole"]

    rows = (whole.folder / "locust_stats.csv").read_text("utf-8").splitlines()
    assert rows[-1].split(",")[1:3] == ["Aggregated", str(whole.locusts_total())]
    history = (whole.folder / "locust_stats_history.csv").read_text("utf-8")
    assert history.count(",/fetch,") >= 3
    assert history.count("Timestamp") == 1
    assert (whole.folder / "locust_failures.csv").exists()
    assert (whole.folder / "locust_exceptions.csv").exists()
    assert [*whole.folder.glob(".*")] == []


def test_a_killed_worker_is_named_with_the_time_from_which_nothing_is_known_of_it(runs: Runs) -> None:
    run = runs["worker killed"].run()

    assert recorded(run) == runs["worker killed"].locusts_total() > 0
    (lost,) = [worker for worker in run.manifest["workers"] if worker["state"] != "finished"]
    named = [event for event in run.events if event["kind"] == "worker" and "unknown" in event]
    assert [event["state"] for event in named] == ["silent", "unfinished"]
    assert {(one["worker"], one["last_heard"]) for one in named} == {(lost["worker"], lost["last_heard"])}


def test_a_worker_that_falls_silent_and_returns_loses_nothing(runs: Runs) -> None:
    away = runs["worker away"]
    run = away.run()

    assert recorded(run) == away.locusts_total()
    assert recorded(run) >= sum(log_of(away.server)["paths"].values()) - USERS  # cut off by the interrupt
    assert [worker["state"] for worker in run.manifest["workers"]] == ["finished"] * 2


def test_a_disk_that_is_full_for_a_while_ends_neither_the_load_nor_the_record(runs: Runs) -> None:
    full = runs["disk full"]
    run = full.run()

    assert run.problems == []
    assert run.manifest["not_written"] == {}
    assert recorded(run) == full.locusts_total()
    assert recorded(run) >= len(log_of(full.server)["asked"]) - USERS
    seconds = [row.second for row in run.load if row.users is not None]  # the others came late
    assert seconds == list(range(seconds[0], seconds[0] + len(seconds)))


def test_ctrl_c_ends_the_record_gently_and_completely(runs: Runs) -> None:
    run = runs["interrupted"].run()

    assert (run.state, run.manifest["how_ended"]) == (RunState.ENDED, "interrupted")
    assert recorded(run) == runs["interrupted"].locusts_total()


def test_each_start_in_the_web_ui_makes_a_folder_of_its_own(tmp_path: Path) -> None:
    with target() as server:
        port = free_port()
        options = ["--web-host", "127.0.0.1", "--web-port", str(port), "-H", server.url]
        with locust(tmp_path, *options, locustfile=ASKERS) as run:
            web = Server(run.process, port, run.log)
            until(lambda: answers(web), "the web UI", 20)
            for number, label in enumerate(("first", "second"), start=1):
                form = f"user_count=2&spawn_rate=2&host={server.url}&brownout_label={label}"
                ask(web, "POST", "/swarm", form)
                until(partial(has_recorded, run, number), f"requests of the {label} run", 20)
                ask(web, STOP, "/stop")
            until(
                lambda: [read(folder).state for folder in run.folders()] == [RunState.ENDED] * 2,
                "both to end",
            )

            assert [read(folder).manifest["label"] for folder in run.folders()] == ["first", "second"]
            assert [read(folder).manifest["how_ended"] for folder in run.folders()] == ["stopped"] * 2


def answers(web: Server) -> bool:
    try:
        return bool(ask(web, "GET", "/"))
    except OSError:
        return False


def has_recorded(locust: Locust, runs: int) -> bool:
    """Whether so many runs were begun, and all have requests."""
    manifests = [*locust.out.glob("*/run.json")]
    return len(manifests) == runs and all(recorded(read(path.parent)) for path in manifests)
