"""Checks of `brownout doctor` for a local fleet."""

from __future__ import annotations

import platform
import socket
import sys
from collections.abc import Iterator

from brownout_fleet.checkup import CheckResult

PORTS = {5001: "--client-port", 5002: "--backend-port", 8089: "--web-port"}
"""The default ports, and the option that changes each."""


def findings() -> Iterator[CheckResult]:
    """Python, loopback, and the ports that the commands use by default."""
    version = platform.python_version()
    yield CheckResult("Python", sys.version_info >= (3, 11), version, "install Python 3.11 or newer")
    yield CheckResult("IPv6 loopback", True, "yes" if _has_ipv6() else "no; only IPv4 is used")
    for port, option in PORTS.items():
        free = is_free(port)
        remedy = f"end the program that has it, or use {option} PORT"
        yield CheckResult(f"port {port}", free, "free" if free else "taken by another program", remedy)


def _has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as sock:
            sock.bind(("::1", 0))
    except OSError:
        return False
    return True


def is_free(port: int) -> bool:
    """Whether nobody listens on a loopback port."""
    with socket.socket() as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
