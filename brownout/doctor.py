"""`brownout doctor`: what this machine has, and what is missing for which fleet."""

from __future__ import annotations

import asyncio
import platform
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterable
from typing import NamedTuple

from rich.console import Console
from rich.text import Text

from brownout_fleet.compose_command import IMAGES

COMMAND_TIMEOUT_S = 5.0
PORTS = {5001: "--client-port", 5002: "--backend-port", 8089: "--web-port"}
"""The default ports, and the option that changes each."""


class Check(NamedTuple):
    """One thing looked for: what was found, and what to do when it is not `ok`."""

    fleet: str
    name: str
    ok: bool
    found: str
    remedy: str = ""


def report() -> int:
    """Print every check by fleet; 0 if the local fleet can run, else 1."""
    checks = [*local_checks(), *compose_checks(), *kubernetes_checks()]
    console = Console(highlight=False)
    for fleet in dict.fromkeys(check.fleet for check in checks):
        mine = [check for check in checks if check.fleet == fleet]
        verdict = "ready" if all(check.ok for check in mine) else "something is missing"
        console.print(Text.assemble((f"{fleet} fleet", "bold"), f": {verdict}"))
        for check in mine:
            sign = Text(" ok    ", "green") if check.ok else Text(" miss  ", "red")
            console.print(Text.assemble(sign, f"{check.name}: {check.found}"), soft_wrap=True)
            if check.remedy and not check.ok:
                console.print(f"       → {check.remedy}", soft_wrap=True)
    return 0 if all(check.ok for check in checks if check.fleet == "local") else 1


def local_checks() -> Iterable[Check]:
    """Python, loopback, and the ports that the commands use by default."""
    version = platform.python_version()
    yield Check("local", "Python", sys.version_info >= (3, 11), version, "install Python 3.11 or newer")
    yield Check("local", "IPv6 loopback", True, "yes" if _has_ipv6() else "no; IPv4 alone is used")
    for port, option in PORTS.items():
        free = is_free(port)
        remedy = f"end the program that has it, or use {option} PORT"
        yield Check("local", f"port {port}", free, "free" if free else "taken by another program", remedy)


def compose_checks() -> Iterable[Check]:
    """The Docker command, an engine that answers, either generation of Compose, and our images."""
    yield _command(
        "compose",
        "docker",
        ["docker", "--version"],
        "install Docker: https://docs.docker.com/engine/install/",
    )
    engine = _output(["docker", "version", "--format", "{{.Server.Version}}"])
    yield Check(
        "compose", "Docker engine", engine.ok, engine.text, "start Docker Desktop, or: systemctl start docker"
    )
    plugin = _output(["docker", "compose", "version", "--short"])
    classic = plugin if plugin.ok else _output(["docker-compose", "version", "--short"])
    remedy = "install the Compose plugin: https://docs.docker.com/compose/install/"
    yield Check("compose", "Compose", classic.ok, classic.text, remedy)
    for image in IMAGES if engine.ok else ():
        built = _output(["docker", "image", "inspect", "--format", "built {{.Created}}", image])
        found = built.text if built.ok else "not built"
        yield Check("compose", f"image {image}", built.ok, found, "make service-images")


def kubernetes_checks() -> Iterable[Check]:
    """The kubectl command, a context, the cluster behind it, and what we may do there."""
    yield _command(
        "k8s",
        "kubectl",
        ["kubectl", "version", "--client"],
        "install it: https://kubernetes.io/docs/tasks/tools/",
    )
    from brownout_k8s.checkup import examine

    for finding in asyncio.run(examine()):
        yield Check("k8s", *finding)


class Output(NamedTuple):
    """How a command ended, and its first line: of the output when it succeeded, else of the error."""

    ok: bool
    text: str


def _output(command: list[str]) -> Output:
    if shutil.which(command[0]) is None:
        return Output(False, f"{command[0]} is not on PATH")
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            timeout=COMMAND_TIMEOUT_S,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except subprocess.TimeoutExpired:
        return Output(False, f"`{' '.join(command)}` did not answer within {COMMAND_TIMEOUT_S:g} s")
    text = (done.stdout if done.returncode == 0 else done.stderr or done.stdout).strip()
    return Output(done.returncode == 0, text.splitlines()[0] if text else f"exit code {done.returncode}")


def _command(fleet: str, name: str, version: list[str], remedy: str) -> Check:
    output = _output(version)
    return Check(fleet, name, output.ok, output.text, remedy)


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
