"""Looks at what the file names before anything starts: programs, files, dependencies."""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from brownout.errors import BrownoutError, UsageError
from brownout.project.convert import Path as KeyPath
from brownout.project.fleet import folder_of, texts
from brownout.project.model import DependencyTable, ServiceTable, VariantTable
from brownout.project.read import ProjectSettings
from brownout.project.rules import DEFAULT_PORTS, variants
from brownout.project.words import words
from brownout_fleet.command_program import search_path

ANSWER_S = 3.0
"""Time for a dependency to accept a connection."""


class DependencyDownError(BrownoutError):
    """A dependency does not accept connections; nothing was started."""


def variants_of(project: ProjectSettings) -> dict[str, VariantTable]:
    """Return the file's variants by name. Raises UsageError."""
    return variants(project.file, lambda path: project.place(*path))


def check_start(project: ProjectSettings, variant: VariantTable | None = None) -> None:
    """Check what is started and called. Raises UsageError, or BrownoutError for a dependency that is down."""
    for error in complaints(project, variant):
        raise error


def complaints(project: ProjectSettings, variant: VariantTable | None = None) -> Iterator[BrownoutError]:
    """Find everything that would keep the file's service from starting, or from being loaded."""
    service = project.file.service
    yield from missing_files(project)
    if service and service.command:
        replaced = variant is not None and variant.command is not None
        line = words(variant.command if variant is not None and replaced else service.command)
        yield from _programs(project, service, line, ("service", "command"))
    for name, one in project.file.dependencies.items():
        if one.command:
            yield from _programs(project, one, words(one.command), ("dependencies", name, "command"))
        elif one.url and (why := _down(one.url)):
            where = project.place("dependencies", name, "url")
            yield DependencyDownError(
                f'{where}: the dependency "{name}" is down: {one.url} {why}. '
                "Start it first, or write command = … so that brownout starts it"
            )


def missing_files(project: ProjectSettings) -> Iterator[UsageError]:
    """Find paths in the file that lead nowhere."""
    keys = (("load", "locustfile"), ("service", "compose"))
    for table, key in keys:
        name = getattr(getattr(project.file, table), key, None)
        if name and not (project.folder / name).is_file():
            yield UsageError(f'{project.place(table, key)}: there is no file "{project.folder / name}"')


def _programs(
    project: ProjectSettings, table: ServiceTable | DependencyTable, command: list[str], path: KeyPath
) -> Iterator[UsageError]:
    where = project.place(*path)
    folder = Path(folder_of(table, project.folder))
    if not folder.is_dir():
        yield UsageError(f'{project.place(*path[:-1], "cwd")}: there is no folder "{folder}"')
        return
    program = command[0]
    search = search_path({**os.environ, **texts(table.environment)})
    found = (folder / program).is_file() if "/" in program else shutil.which(program, path=search)
    if "{" not in program and not found:
        yield UsageError(
            f'{where}: there is no program "{program}". Write its path, or activate the environment that '
            "has it first"
        )


def _down(url: str) -> str | None:
    """Return why nothing can be asked there; None if it accepts connections."""
    parts = urlsplit(url)
    port = parts.port or DEFAULT_PORTS.get(parts.scheme)
    if port is None:
        return "has no port"
    try:
        socket.create_connection((parts.hostname or "", port), ANSWER_S).close()
    except TimeoutError:
        return f"did not accept a connection within {ANSWER_S:g} s"
    except OSError as error:
        return f"can't be reached ({error.strerror or error})"
    return None
