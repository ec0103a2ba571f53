"""Where Locust's master and its workers meet, by Locust's arguments, and whether they can.

A master that no worker reaches waits for ever: neither a load nor an error comes of it.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Sequence
from contextlib import suppress
from typing import NamedTuple

from brownout_fleet.checkup import CheckResult

PORT = 5557
"""Locust's own choice."""

PATIENCE = "--expect-workers-max-wait"
PATIENCE_S = 120
"""How long a master waits for its workers, where nobody says: Locust itself would wait for ever."""

LOOPBACK = "127.0.0.1"
EVERYWHERE = ("*", "", "0.0.0.0", "::")


class Meeting(NamedTuple):
    """The master's address, and where its workers look for it if they are forked here."""

    host: str
    port: int
    forked_host: str | None = None
    """None: the workers come from elsewhere."""
    forked_port: int = PORT


def value_of(arguments: Sequence[str], *names: str) -> str | None:
    """Return the value of an option by its names, the last one; None without it."""
    found = None
    for at, argument in enumerate(arguments):
        name, equals, value = argument.partition("=")
        if name in names:
            found = value if equals else next(iter(arguments[at + 1 : at + 2]), None)
    return found


def is_worker(arguments: Sequence[str]) -> bool:
    """Whether Locust is to be a worker of a master elsewhere."""
    return any(argument.partition("=")[0] == "--worker" for argument in arguments)


def meeting_of(arguments: Sequence[str]) -> Meeting | None:
    """Return where a master and its workers are to meet; None if there is no master, or brownout chooses."""
    named = {argument.partition("=")[0] for argument in arguments}
    ports = {"--master-port", "--master-bind-port", "--master-bind-host", "--master-host"}
    forks = "--processes" in named
    if "--worker" in named or not ("--master" in named or (forks and named & ports)):
        return None
    host, port = value_of(arguments, "--master-bind-host") or "*", _port(arguments, "--master-bind-port")
    if not forks:
        return Meeting(host, port)
    return Meeting(
        host, port, value_of(arguments, "--master-host") or LOOPBACK, _port(arguments, "--master-port")
    )


def patience(arguments: Sequence[str]) -> list[str]:
    """Return options that end a master whom no worker reaches; none where somebody says how long it waits."""
    named = {argument.partition("=")[0] for argument in arguments}
    is_master = bool(named & {"--master", "--processes"}) and "--worker" not in named
    return [PATIENCE, str(PATIENCE_S)] if is_master and PATIENCE not in named else []


def check(meeting: Meeting) -> CheckResult:
    """Whether the master can listen where its workers look for it."""
    port = meeting.port
    where = f"{meeting.host}:{port}"
    if meeting.forked_host is not None and meeting.forked_port != port:
        return CheckResult(
            "workers",
            False,
            f"the master listens on port {port}, and its workers look for it on {meeting.forked_port}",
            f"name the same port twice, as in: --master-bind-port {port} --master-port {port}",
        )
    elsewhere = meeting.forked_host not in (None, LOOPBACK, "localhost", meeting.host)
    if meeting.forked_host is not None and elsewhere:
        return CheckResult(
            "workers",
            False,
            f"the master listens on {where}, and its workers look for it on {meeting.forked_host}",
            "leave out --master-host: workers of --processes are on this machine",
        )
    if reason := _why_not(meeting):
        return CheckResult(
            "workers",
            False,
            f"the master can't listen on {where}, where its workers look for it: {reason}",
            "choose a free port, and give it to the workers too: --master-bind-port PORT",
        )
    return CheckResult("workers", True, f"a master can listen on {where}, and is reached there")


def _why_not(meeting: Meeting) -> str | None:
    """Listen there, and connect as a worker of this machine would; why that can't be done, or None."""
    host = "" if meeting.host in EVERYWHERE else meeting.host
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with socket.create_server((host, meeting.port), family=family) as server:
            caller = host or LOOPBACK
            with socket.create_connection((caller, server.getsockname()[1]), timeout=2):
                return None
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error) or type(error).__name__
        return reason.lower()


def _port(arguments: Sequence[str], name: str) -> int:
    with suppress(ValueError, TypeError):
        return int(value_of(arguments, name) or PORT)
    return PORT
