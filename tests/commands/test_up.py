"""`brownout up`, from the table on the screen to the last process gone."""

import os
import re
import signal
import socket
from contextlib import ExitStack
from pathlib import Path

import pytest
import requests

from tests.commands.cli import FREE_PORTS, ONE_EACH, run, started
from tests.servers import until

UP = ("up", *ONE_EACH, "--web-port", "0", "--restart-delay", "0.1")


def urls(output: str) -> dict[str, str]:
    """The URLs of the printed table by the name in its first column."""
    return dict(re.findall(r"^ (\S+) .* (http://\S+)", output, re.MULTILINE))


def test_up_prints_urls_that_answer_and_ctrl_c_ends_everything(tmp_path: Path) -> None:
    (tmp_path / "services").mkdir()  # a package of the user's own with the name of one of ours
    (tmp_path / "services" / "__init__.py").write_text("raise RuntimeError('not this one')")
    with started(*UP, cwd=tmp_path) as command:
        command.await_text("Locust is ready")
        table = urls(command.output)
        assert set(table) == {"Locust", "client", "backend", "client-0", "backend-0"}
        assert requests.get(table["client"], timeout=5).json()["status"] == "ok"
        assert requests.get(table["backend"], timeout=5).json()["message"] == "OK"
        assert "arrival_rate" in requests.get(table["Locust"], timeout=5).text  # in the start form
        command.note_family()
        command.interrupt()
        assert command.wait() == 0
        command.await_family_gone()


def test_up_tells_of_replicas_that_go_and_come(tmp_path: Path) -> None:
    with started(*UP, cwd=tmp_path) as command:
        command.await_text("Locust is ready")
        family = command.note_family()
        backend = next(p for p in family if "services.backend.app:create_app()" in p.cmdline())
        os.killpg(os.getpgid(backend.pid), signal.SIGKILL)
        command.await_text("gone: ended by SIGKILL")
        command.await_text("backend-0    ready at http://127.0.0.1:")
        command.note_family()
        command.interrupt()
        assert command.wait() == 0
        command.await_family_gone()


def test_nothing_is_left_however_the_command_is_ended(tmp_path: Path) -> None:
    """Side by side: each mostly waits."""
    with ExitStack() as stack:
        commands = {}
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGKILL):
            folder = tmp_path / number.name
            folder.mkdir()
            commands[number] = stack.enter_context(started(*UP, cwd=folder))
        for number, command in commands.items():
            command.await_text("Locust is ready")
            assert len(command.note_family()) >= 7  # itself, the fleet, two replicas of two processes, Locust
            command.process.send_signal(number)
        for command in commands.values():
            command.wait()
            command.await_family_gone()


def test_two_interrupts_end_it_as_well(tmp_path: Path) -> None:
    with started(*UP, cwd=tmp_path) as command:
        command.await_text("Locust is ready")
        command.note_family()
        command.interrupt()
        until(lambda: "stopping" in command.output, "the first interrupt to be seen")
        command.interrupt()
        command.wait()
        command.await_family_gone()


@pytest.mark.parametrize("option", ["--client-port", "--backend-port", "--web-port"])
def test_a_taken_port_names_the_option_and_nothing_starts(tmp_path: Path, option: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        code, output = run("up", *FREE_PORTS, "--web-port", "0", option, port, cwd=tmp_path)
    assert code == 1
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
    assert code in (1, 2)
    assert message in output
    assert "Traceback" not in output.replace("Traceback (most recent call last)", "")
