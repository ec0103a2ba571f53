"""Every request to stop is heeded, whenever it comes and whatever Locust does; a lost Locust is told of."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.commands.cli import ONE_EACH, started
from tests.commands.test_locust_verdict import summary_of
from tests.commands.verdict_cases import ASK, HEAD
from tests.loadtest.runs import IGNORE_INTERRUPTS, target
from tests.reaper import reaped
from tests.servers import Server, until

LOCUST = "brownout.locust_main"
SOON_S = 20.0

DEAF = """
    @task
    def ask(self):
        from gevent.monkey import get_original
        while True:
            try:
                get_original("time", "sleep")(0.2)
            except BaseException:
                pass
"""
"""Neither ends nor lets anything else of its process run."""


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with target() as server:
        yield server


def locust_of(pid: int) -> psutil.Process | None:
    """The Locust that a command has started; None as long as it has not."""
    for process in psutil.Process(pid).children(recursive=True):
        try:
            if LOCUST in process.cmdline():
                return process
        except psutil.Error:
            continue
    return None


@pytest.mark.parametrize("delay_s", [0.0, 0.2, 0.5])
def test_a_run_told_to_end_while_locust_starts_ends_though_interrupts_are_ignored(
    server: Server, tmp_path: Path, delay_s: float
) -> None:
    """As in a script's background job; a signal that comes before Locust listens is sent again."""
    command = [sys.executable, "-P", "-m", "brownout", "run", "--target", server.url, "--run-time", "60s"]
    output = tmp_path / "output.txt"
    with output.open("wb") as file:
        process = subprocess.Popen([*IGNORE_INTERRUPTS, *command], cwd=tmp_path, stdout=file, stderr=file)
    with reaped(process.pid, group=False):
        until(lambda: locust_of(process.pid), "Locust to be started", 40)
        locust = locust_of(process.pid)
        assert locust is not None
        # A quick machine has its users up before Locust has taken so much of the processor.
        until(
            lambda: locust.cpu_times().user >= delay_s or "users 1" in output.read_text(),
            "Locust to have come so far",
            40,
        )
        process.send_signal(signal.SIGTERM)
        assert process.wait(SOON_S) == 130, output.read_text()
        assert not locust.is_running()


@pytest.mark.slow
def test_a_run_is_killed_when_its_users_let_nothing_else_happen(server: Server, tmp_path: Path) -> None:
    """Its time is over, and even Locust itself can't end it; the record has the reason."""
    (tmp_path / "users.py").write_text(HEAD + DEAF)
    load = ("--users", "1", "--run-time", "1s", "--locustfile", "users.py", "--target", server.url)
    with started("run", *load, cwd=tmp_path) as command:
        assert command.wait(55) == 3, command.output
        assert "brownout killed it, since it did not end within 30 s after its run time" in command.output
    assert "brownout killed it" in str(summary_of(command)["invalid"])


def test_up_ends_with_a_locust_that_is_killed_and_says_so(tmp_path: Path) -> None:
    with started("up", *ONE_EACH, "--web-port", "0", cwd=tmp_path) as command:
        command.await_text("Locust is ready")
        command.note_family()
        locust = locust_of(command.process.pid)
        assert locust is not None
        os.killpg(locust.pid, signal.SIGKILL)
        assert command.wait() != 0
        assert "Locust has ended, killed by SIGKILL" in command.output
        command.await_family_gone()


def test_requests_under_way_get_the_time_that_stop_timeout_gives(server: Server, tmp_path: Path) -> None:
    """Asked again each second to end, Locust still ends gently."""
    slow = ASK.replace('self.client.get("/ok")', 'gevent.sleep(4); self.client.get("/ok")')
    (tmp_path / "users.py").write_text(HEAD + slow)
    load = ("--users", "1", "--run-time", "60s", "--locustfile", "users.py", "--target", server.url)
    with started("run", *load, "--", "--stop-timeout", "10", cwd=tmp_path) as command:
        command.await_text("users 1")
        command.interrupt()
        assert command.wait() == 130, command.output
    assert summary_of(command)["requests"] == 1
