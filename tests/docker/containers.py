"""The `docker` and Compose commands, as a user has them."""

from __future__ import annotations

import os
import secrets
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from tests.servers import ROOT

DEADLINE_S = 90.0
"""For one command: an engine that shares two cores with everything else is slow at times."""


def docker(*arguments: str) -> str:
    """What `docker ARGUMENTS` prints; raises with its words if it fails."""
    return _run(["docker", *arguments], {})


def compose(project: str, *arguments: str, env: Mapping[str, str] | None = None) -> str:
    """The same for Compose on this project's own file, of whichever generation is there."""
    plugin = subprocess.run(["docker", "compose", "version"], capture_output=True, timeout=30, check=False)
    command = ["docker", "compose"] if plugin.returncode == 0 else ["docker-compose"]
    return _run([*command, "-f", str(ROOT / "docker-compose.yml"), "-p", project, *arguments], env or {})


def _run(command: list[str], env: Mapping[str, str]) -> str:
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        timeout=DEADLINE_S,
        check=False,
        stdin=subprocess.DEVNULL,
        env={**os.environ, **env},
    )
    assert done.returncode == 0, f"{' '.join(command)}:\n{done.stdout}\n{done.stderr}"
    return done.stdout.strip()


def ids(project: str, *filters: str) -> list[str]:
    """The ids of a project's containers, those that have ended among them."""
    labels = (f"label=com.docker.compose.project={project}", *filters)
    flags = [part for label in labels for part in ("--filter", label)]
    return docker("ps", "-aq", "--no-trunc", *flags).split()


def projects() -> set[str]:
    """The projects of which any container is left."""
    form = '{{.Label "com.docker.compose.project"}}'
    return set(docker("ps", "-a", "--format", form).split())


def networks() -> set[str]:
    """The names of all networks."""
    return set(docker("network", "ls", "--format", "{{.Name}}").split())


def volumes() -> set[str]:
    """The names of all volumes."""
    return set(docker("volume", "ls", "-q").split())


@contextmanager
def somebodys_project(*arguments: str, env: Mapping[str, str] | None = None) -> Iterator[str]:
    """A project that a user has started with `docker compose up -d ARGUMENTS`; its name."""
    name = f"theirs-{secrets.token_hex(3)}"
    try:
        compose(name, "up", "-d", "--no-build", *arguments, env=env)
        yield name
    finally:
        compose(name, "--profile", "harness", "--profile", "observability", "down", "-v", "-t", "3", env=env)
