"""`brownout up`, from the table on the screen to the last process gone."""

import os
import re
import signal
import socket
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest
import requests

from brownout_terms.exits import Exit
from tests.commands.cli import FREE_PORTS, ONE_EACH, Command, run, started
from tests.servers import until

UP = ("up", *ONE_EACH, "--web-port", "0", "--restart-delay", "0.1")


def urls(output: str) -> dict[str, str]:
    """The URLs of the printed table by the name in its first column."""
    return dict(re.findall(r"^ (\S+) .* (http://\S+)", output, re.MULTILINE))


def test_up_prints_urls_that_answer_tells_of_replicas_and_ends_with_its_terminal(tmp_path: Path) -> None:
    (tmp_path / "services").mkdir()  # a package of the user's own with the name of one of ours
    (tmp_path / "services" / "__init__.py").write_text("raise RuntimeError('not this one')")
    with started(*UP, cwd=tmp_path) as command:
        command.await_text("Locust is ready")
        table = urls(command.output)
        assert set(table) == {"Locust", "client", "backend", "client-0", "backend-0"}
        assert requests.get(table["client"], timeout=5).json()["status"] == "ok"
        assert requests.get(table["backend"], timeout=5).json()["message"] == "OK"
        assert "arrival_rate" in requests.get(table["Locust"], timeout=5).text  # in the start form

        family = command.note_family()
        backend = next(p for p in family if "brownout_backend.app:create_app()" in p.cmdline())
        os.killpg(os.getpgid(backend.pid), signal.SIGKILL)
        command.await_text("gone: ended by SIGKILL")
        command.await_text("backend-0    ready at http://127.0.0.1:")

        command.note_family()
        command.process.send_signal(signal.SIGHUP)
        assert command.wait() == 0
        command.await_family_gone()


def interrupt_twice(command: Command) -> None:
    command.interrupt()
    until(lambda: "stopping" in command.output, "the first interrupt to be seen")
    command.interrupt()


ENDS: dict[str, Callable[[Command], None]] = {
    "SIGTERM": lambda command: command.process.send_signal(signal.SIGTERM),
    "SIGKILL": lambda command: command.process.send_signal(signal.SIGKILL),
    "two interrupts": interrupt_twice,
}


def test_nothing_is_left_however_the_command_is_ended(tmp_path: Path) -> None:
    """Side by side: each mostly waits."""
    with ExitStack() as stack:
        commands = {}
        for name in ENDS:
            folder = tmp_path / name
            folder.mkdir()
            commands[name] = stack.enter_context(started(*UP, cwd=folder))
        for name, command in commands.items():
            command.await_text("Locust is ready")
            assert len(command.note_family()) >= 7  # itself, the fleet, two replicas of two processes, Locust
            ENDS[name](command)
        for command in commands.values():
            command.wait()
            command.await_family_gone()


@pytest.mark.parametrize("option", ["--client-port", "--backend-port", "--web-port"])
def test_a_taken_port_names_the_option_and_nothing_starts(tmp_path: Path, option: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        code, output = run("up", *FREE_PORTS, "--web-port", "0", option, port, cwd=tmp_path)
    assert code == Exit.UNABLE
    assert f"port {port} is taken by another program" in output
    assert f"{option} PORT" in output
    assert "Traceback" not in output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--backends", "0"], "0 is not in the range"),
        (["--client-port", "70000"], "70000 is not in the range"),
        (["--policy", "bogus"], "bogus"),
        (["--restart-delay", "nan"], "nan"),
        (["--bogus"], "No such option"),
    ],
)
def test_bad_options_are_refused_in_words(tmp_path: Path, arguments: list[str], message: str) -> None:
    code, output = run("up", *FREE_PORTS, "--web-port", "0", *arguments, cwd=tmp_path)
    assert code == Exit.USAGE
    assert message in output
    assert "Traceback" not in output.replace("Traceback (most recent call last)", "")
