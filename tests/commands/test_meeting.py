"""A master and its workers find each other, or the run ends before any load with what to do."""

import socket
from pathlib import Path

import pytest

from brownout.meeting import PATIENCE, PATIENCE_S, Meeting, check, meeting_of, patience, value_of
from brownout_fleet.free_port import free_port
from brownout_terms.exits import Exit
from tests.commands.cli import run

NOWHERE = ("--target", "http://127.0.0.1:1")


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        ([], None),
        (["--processes", "2"], None),  # brownout chooses a free port of loopback
        (["--worker", "--master-port", "6000"], None),
        (["--master"], Meeting("*", 5557)),
        (
            ["--master", "--master-bind-host", "127.0.0.1", "--master-bind-port=6000"],
            Meeting("127.0.0.1", 6000),
        ),
        (["--processes=2", "--master-port", "6000"], Meeting("*", 5557, "127.0.0.1", 6000)),
        (["--master", "--master-bind-port", "no"], Meeting("*", 5557)),  # Locust refuses it
    ],
)
def test_where_they_meet(arguments: list[str], found: Meeting | None) -> None:
    assert meeting_of(arguments) == found


@pytest.mark.parametrize(
    ("arguments", "waits"),
    [
        ([], None),
        (["--worker"], None),
        (["--master"], PATIENCE_S),
        (["--processes", "2"], PATIENCE_S),
        (["--master", "--expect-workers-max-wait", "7"], None),
        (["--master", "--expect-workers-max-wait=0"], None),
    ],
)
def test_a_master_does_not_wait_for_ever_unless_somebody_says_so(
    arguments: list[str], waits: int | None
) -> None:
    assert patience(arguments) == ([PATIENCE, str(waits)] if waits else [])


def test_the_last_of_several_values_counts_and_one_may_be_missing() -> None:
    assert value_of(["-s", "3", "--stop-timeout=5"], "-s", "--stop-timeout") == "5"
    assert value_of(["--stop-timeout"], "-s", "--stop-timeout") is None


@pytest.mark.parametrize(
    ("meeting", "ok"),
    [
        (Meeting("127.0.0.1", 0), True),
        (Meeting("*", 0), True),
        (Meeting("*", 0, "127.0.0.1", 0), True),
        (Meeting("*", 6000, "127.0.0.1", 6001), False),
        (Meeting("127.0.0.1", 0, "192.0.2.1", 0), False),
        (Meeting("192.0.2.1", 0), False),  # no address of this machine
    ],
)
def test_whether_they_can(meeting: Meeting, ok: bool) -> None:
    found = check(meeting)
    assert (found.ok, bool(found.remedy)) == (ok, not ok)


def test_a_taken_port_is_said_before_any_load(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = str(server.getsockname()[1])
        where = ["--", "--master", "--master-bind-host", "127.0.0.1", "--master-bind-port", port]
        code, output = run("run", *NOWHERE, *where, cwd=tmp_path)
    assert code == Exit.UNABLE, output
    assert "address already in use" in output
    assert "--master-bind-port PORT" in output
    assert not list(tmp_path.glob("results/runs/*/run.json"))


def test_a_master_without_workers_ends_with_what_to_do(tmp_path: Path) -> None:
    where = ["--master-bind-host", "127.0.0.1", "--master-bind-port", str(free_port())]
    code, output = run("run", *NOWHERE, "--", "--master", *where, PATIENCE, "1", cwd=tmp_path)
    assert code == Exit.UNABLE, output
    assert "too few workers have reached Locust's master in time" in output
    assert "--worker --master-host HOST" in output
