"""What a command ends with: 1 is a verdict and nothing else, and a crash has a code of its own."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from brownout_terms.exits import Exit
from tests.commands.cli import FREE_PORTS, ONE_EACH, run

OF_OUR_OWN = """
import sys, click
from brownout import cli

def fail():
    raise {error}

cli.cli.add_command(click.Command("fail", callback=fail))
sys.argv = ["brownout", "fail"]
cli.main()
"""

DIES = """
import os, sys
if any("{module}" in argument for argument in sys.orig_argv):
    os._exit(1)
"""


@pytest.mark.parametrize(
    ("error", "code", "traceback"),
    [
        ("ZeroDivisionError('nobody has caught this')", Exit.CRASHED, True),
        ("MemoryError()", Exit.CRASHED, True),
        ("OSError(5, 'Input/output error')", Exit.CRASHED, True),  # EIO is nobody's refusal
        ("SystemExit(1)", Exit.CRASHED, False),  # of a library
        ("OSError(28, 'No space left on device', '/a/file')", Exit.UNABLE, False),
        ("PermissionError(13, 'Permission denied', '/a/file')", Exit.UNABLE, False),
        ("click.FileError('a', 'hint')", Exit.UNABLE, False),  # click's own 1
        ("KeyboardInterrupt", Exit.INTERRUPTED, False),
        ("SystemExit(cli.Exit.MISSED)", Exit.MISSED, False),
        ("SystemExit(None)", Exit.PASSED, False),
    ],
)
def test_what_nobody_has_caught_never_ends_as_a_verdict(error: str, code: Exit, traceback: bool) -> None:
    done = subprocess.run(
        [sys.executable, "-c", OF_OUR_OWN.format(error=error)],
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    assert (done.returncode, "Traceback" in done.stderr) == (code, traceback), done.stderr


def test_output_that_nobody_reads_is_no_verdict() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb") as closed:
        done = subprocess.run(
            [sys.executable, "-m", "brownout", "doctor"],
            stdout=closed,
            stderr=subprocess.PIPE,
            timeout=50,
            check=False,
        )
    assert (done.returncode, done.stderr) == (Exit.UNREAD, b"")


@pytest.mark.parametrize("command", ["run", "up", "demo"])
def test_a_port_that_is_taken_is_something_that_could_not_be_started(command: str, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        code, output = run(command, *FREE_PORTS, "--client-port", str(port), cwd=tmp_path)
    assert code == Exit.UNABLE, output
    assert f"port {port} is taken" in output


@pytest.mark.parametrize("module", ["brownout_fleet", "brownout_backend", "brownout_client"])
def test_a_process_that_ends_before_it_is_up_is_something_that_could_not_be_started(
    module: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sitecustomize.py").write_text(DIES.format(module=module))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    code, output = run("run", *ONE_EACH, "--run-time", "1s", cwd=tmp_path)
    assert code == Exit.UNABLE, output
    assert "Error: " in output


def test_who_finds_no_panel_could_not_do_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BROWNOUT_STATE_DIR", str(tmp_path))
    code, output = run("faults", "show", cwd=tmp_path)
    assert code == Exit.UNABLE, output
