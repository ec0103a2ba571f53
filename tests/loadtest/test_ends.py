"""How Locust processes with brownout in them end: refused, interrupted, and orphaned."""

import os
import signal
import socket
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from brownout_results.read.run_folder import Run
from tests.loadtest.runs import LOCUSTFILE, Locust, group_is_empty, locust, log_of, processes, target
from tests.servers import Server, until

OWN_SHAPE = """
import brownout.locust
from locust import FastHttpUser, LoadTestShape, task

class Mine(LoadTestShape):
    def tick(self):
        return 1, 1

class Someone(FastHttpUser):
    @task
    def ask(self):
        self.client.get("/")
"""


@pytest.fixture(scope="module")
def refusals(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[int, str]]:
    """Exit code and output of Locust processes that aren't expected to run; side by side, to save time."""
    folder = tmp_path_factory.mktemp("refusals")
    own, broken = folder / "own.py", folder / "broken.py"
    own.write_text(OWN_SHAPE)
    broken.write_text("import brownout.locust\n\nclass Someone(:\n")
    with ExitStack() as stack:

        def start(*options: str, locustfile: Path = LOCUSTFILE) -> Locust:
            return stack.enter_context(locust(folder, "--headless", "-t1", *options, locustfile=locustfile))

        started = {
            "zero users": start("-u0"),
            "two shapes": start("--shape=ramp", locustfile=own),
            "syntax error": start(locustfile=broken),
            "no folder": start("--out=/dev/null/runs"),
        }
        return {name: (process.finish(), process.output()) for name, process in started.items()}


def test_zero_users_are_refused_before_any_load(refusals: dict[str, tuple[int, str]]) -> None:
    code, said = refusals["zero users"]
    assert code == 2
    assert said.endswith('locust: error: --users: "0" is not a whole number of 1 or more, such as 10\n')


def test_a_shape_beside_the_locustfiles_own_is_refused(refusals: dict[str, tuple[int, str]]) -> None:
    code, said = refusals["two shapes"]
    assert code == 2
    assert 'The locustfile brings its own load shape, "Mine".' in said


def test_a_folder_that_cannot_be_made_is_refused_before_any_load(
    refusals: dict[str, tuple[int, str]],
) -> None:
    code, said = refusals["no folder"]
    assert code == 6
    assert "locust: error: " in said
    assert '"/dev/null/runs"' in said


def test_a_locustfile_with_a_syntax_error_is_named_with_its_line(
    refusals: dict[str, tuple[int, str]],
) -> None:
    """Locust's own doing, which brownout must not get into the way of."""
    code, said = refusals["syntax error"]
    assert code == 1
    assert 'broken.py", line 3' in said
    assert "SyntaxError" in said


@dataclass
class Ending:
    """How a run ended that would have gone on for a minute."""

    code: int
    run: Run
    asked: int
    output: str


def has_load(server: Server) -> bool:
    return len(log_of(server)["asked"]) > 20


@pytest.fixture(scope="module")
def endings(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Ending]:
    """An open loop ended by SIGTERM in the background, by Ctrl-C, and with its lifeline."""
    holder, held = socket.socketpair()
    lifeline = {"environ": {"BROWNOUT_LIFELINE_FD": str(held.fileno())}, "pass_fds": (held.fileno(),)}
    plans: dict[str, tuple[list[str], dict[str, Any], Callable[[Locust], None]]] = {
        "SIGTERM": ([], {"ignores_interrupts": True}, lambda process: process.process.terminate()),
        # A terminal sends it to all processes of the group.
        "Ctrl-C": (processes(2), {}, lambda process: os.killpg(process.process.pid, signal.SIGINT)),
        "lifeline": (processes(2), lifeline, lambda _: holder.close()),
    }
    with ExitStack() as stack:
        stack.enter_context(holder)
        running = {}
        for name, (options, more, _) in plans.items():
            server = stack.enter_context(target())
            folder = tmp_path_factory.mktemp(name)
            load = ["--headless", "--host", server.url, "--arrival-rate=50", "-t60", *options]
            running[name] = server, stack.enter_context(locust(folder, *load, **more))
        held.close()
        for server, process in running.values():
            process.awaits(partial(has_load, server), "some load")
        endings = {}
        for name, (_, process) in running.items():
            plans[name][2](process)
        for name, (server, process) in running.items():
            code = process.finish()
            until(partial(group_is_empty, process.process.pid), "the end of the workers")
            endings[name] = Ending(code, process.run(), len(log_of(server)["asked"]), process.output())
        return endings


def test_a_signal_ends_an_open_loop_gently_and_leaves_no_process(endings: dict[str, Ending]) -> None:
    """Every request that was sent is in the run folder."""
    for name in ("SIGTERM", "Ctrl-C"):
        ending = endings[name]
        assert ending.code == 0, f"{name}:\n{ending.output}"
        assert ending.run.manifest["requests"] == ending.asked, name


def test_locust_and_its_workers_end_with_the_process_that_holds_their_lifeline(
    endings: dict[str, Ending],
) -> None:
    ending = endings["lifeline"]
    assert ending.run.manifest["requests"] == ending.asked


NEVER_WAITS = """
import sys
from locust import User, task
import brownout.locust

class Busy(User):
    @task
    def compute(self):
        print("busy", flush=True)
        while True:
            pass
"""


@pytest.mark.slow
@pytest.mark.timeout(120)
def test_users_that_never_wait_end_with_the_process_that_holds_the_lifeline(tmp_path: Path) -> None:
    file = tmp_path / "busy.py"
    file.write_text(NEVER_WAITS)
    holder, held = socket.socketpair()
    options = ("--headless", "--host", "http://127.0.0.1:9", "-u1", "-r1", "-t600")
    lifeline = {"BROWNOUT_LIFELINE_FD": str(held.fileno())}
    with (
        holder,
        locust(tmp_path, *options, locustfile=file, environ=lifeline, pass_fds=(held.fileno(),)) as process,
    ):
        held.close()
        until(lambda: "busy" in process.output(), "a user that never waits", 30)
        holder.close()
        assert process.process.wait(60) == -signal.SIGKILL


def test_the_run_folder_says_that_the_run_was_interrupted(endings: dict[str, Ending]) -> None:
    for name, ending in endings.items():
        assert ending.run.ended_by_itself, name
        assert ending.run.manifest["how_ended"] == "interrupted", name
