"""`brownout doctor`: what is there, what is missing, what to do."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from brownout.doctor import findings
from brownout_fleet.builtin_kinds import COMPOSE, KUBERNETES
from brownout_fleet.checkup import CheckResult
from brownout_fleet.fleet_kinds import FLEET_KINDS
from brownout_fleet.local_checkup import is_free
from tests.commands.cli import run


def test_every_check_that_fails_says_what_to_do() -> None:
    by_kind = {kind.name: [*findings(kind)] for kind in FLEET_KINDS.values()}
    assert all(by_kind[name] for name in ("local", "compose", "k8s"))
    checks = [check for found in by_kind.values() for check in found]
    assert all(check.found for check in checks)
    assert all(check.remedy for check in checks if not check.ok)


def test_a_port_in_use_is_not_free() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert not is_free(port)
    assert is_free(port)


def test_the_exit_code_tells_whether_the_local_fleet_can_run(tmp_path: Path) -> None:
    code, output = run("doctor", cwd=tmp_path)
    assert "local fleet: " in output
    assert f"Python: {sys.version.split()[0]}" in output
    assert (code == 0) == ("local fleet: ready" in output)


def test_missing_commands_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    found = {(kind.name, one.name): one for kind in (COMPOSE, KUBERNETES) for one in findings(kind)}
    assert found["compose", "docker"] == CheckResult(
        "docker",
        False,
        "docker is not on PATH",
        "install Docker: https://docs.docker.com/engine/install/",
    )
    assert not found["k8s", "context"].ok


def test_help_names_every_command() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "brownout", "--help"], capture_output=True, text=True, check=True, timeout=30
    )
    for command in ("demo", "doctor", "run", "up"):
        assert f"\n  {command} " in done.stdout
