"""However a part of brownout dies in the middle of a run, the run has not passed, and says who died."""

import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from functools import partial

import psutil
import pytest

from brownout.run_end import how
from brownout_terms.exits import Exit
from tests.commands.cli import ONE_EACH, Command, started

LOCUST, FLEET = "brownout.locust_main", "brownout_fleet"
QUITS = """
import os, sys
from locust import FastHttpUser, constant, task
import brownout.locust

class U(FastHttpUser):
    wait_time = constant(0.1)
    asked = 0

    @task
    def ask(self):
        self.client.get("/fetch")
        U.asked += 1
        if U.asked == 30:
            {end}
"""
TO_KILL = {
    "fleet killed": (FLEET, signal.SIGKILL),
    "fleet terminated": (FLEET, signal.SIGTERM),
    "Locust killed": (LOCUST, signal.SIGKILL),
    "Locust terminated": (LOCUST, signal.SIGTERM),
}
TO_QUIT = {"exits": "sys.exit(4)", "is gone": "os._exit(0)", "crashes": "os.kill(os.getpid(), 11)"}


@pytest.mark.parametrize(
    ("code", "words"),
    [(0, "ended with exit code 0"), (3, "ended with exit code 3"), (-9, "was ended by SIGKILL")],
)
def test_how_a_process_ended(code: int, words: str) -> None:
    assert how(code) == words


def part(command: Command, module: str) -> psutil.Process | None:
    """The child that runs a module, if it is there yet."""
    for one in command.note_family():
        with suppress(psutil.Error):  # it has just ended
            if module in one.cmdline():
                return one
    return None


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Command]]:
    """A run each, side by side, whose part has died after some seconds of load."""
    with ExitStack() as stack:
        runs: dict[str, Command] = {}
        for name in (*TO_KILL, *TO_QUIT):
            out = tmp_path_factory.mktemp("run")
            (out / "users.py").write_text(QUITS.format(end=TO_QUIT.get(name, "pass")))
            load = ("--users", "3", "--run-time", "12s", "--locustfile", "users.py")
            runs[name] = stack.enter_context(started("run", *ONE_EACH, *load, cwd=out))
        for name, (module, number) in TO_KILL.items():
            runs[name].await_event(partial(has_load, runs[name]), "seconds of load")
            victim = part(runs[name], module)
            assert victim is not None
            os.kill(victim.pid, number)
        for run in runs.values():
            run.wait(60)
        yield runs


def has_load(command: Command) -> bool:
    """Whether the run has seconds of load behind it."""
    tables = command.folder.glob("results/runs/*/load.csv")
    return sum(len(path.read_text().splitlines()) for path in tables) > 2


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "code", "words"),
    [
        (
            "fleet killed",
            Exit.INVALID,
            "the fleet process, through which the load goes, was ended by SIGKILL",
        ),
        ("fleet terminated", Exit.INVALID, "the fleet process, through which the load goes, "),
        ("Locust killed", Exit.INVALID, "the load generator did not end it: it was ended by SIGKILL"),
        ("Locust terminated", Exit.INTERRUPTED, "interrupted: somebody has told Locust to end"),
        ("exits", Exit.MISSED, "it ended with exit code 4"),
        ("is gone", Exit.INVALID, "the load generator did not end it: it ended with exit code 0"),
        ("crashes", Exit.INVALID, "the load generator did not end it: it was ended by SIGSEGV"),
    ],
)
def test_the_run_says_who_died_and_how(ended: dict[str, Command], name: str, code: int, words: str) -> None:
    assert words in ended[name].output, ended[name].output
    assert ended[name].process.returncode == code
