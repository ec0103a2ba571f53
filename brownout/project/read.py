"""Finds brownout.toml, reads it with what overrides it, and checks it before anything starts."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from brownout.errors import UsageError
from brownout.project.convert import converted
from brownout.project.lines import Lines
from brownout.project.lines import Path as KeyPath
from brownout.project.model import BrownoutFile
from brownout.project.rules import check
from brownout.project.sources import Layer, merged, place_in
from brownout.project.variables import FILE, environment_layer

NAME = "brownout.toml"
PYPROJECT = "pyproject.toml"


@dataclass(frozen=True)
class ProjectSettings:
    """What holds, and where it comes from."""

    file: BrownoutFile
    values: Mapping[str, Any]
    """The same as they were written."""
    layers: Sequence[Layer]
    """The environment, then the files; the first one that has a key decides."""
    folder: Path
    """The folder of the file: relative paths in it begin here."""

    @property
    def name(self) -> str:
        """The service's name."""
        service = self.file.service
        return (service and service.name) or as_name(self.folder.resolve().name)

    @property
    def is_own_service(self) -> bool:
        """Whether it describes a service; otherwise it is about brownout's own."""
        return bool(self.file.service or self.file.dependencies)

    @property
    def dependencies(self) -> list[str]:
        """Names of what the service calls."""
        return list(self.file.dependencies)

    def place(self, *path: str) -> str:
        """Say where a key was set: file and line, or the variable."""
        return place_in(self.layers, path)


def as_name(folder: str) -> str:
    """Return a folder's name as one of a service."""
    name = "".join(letter if letter.isalnum() or letter in "-_" else "-" for letter in folder)
    return name if name[:1].isalpha() else f"service-{name}".rstrip("-")


def find(start: Path) -> list[Path]:
    """Return brownout.toml, and the pyproject.toml beside it if it has [tool.brownout]; none if neither is.

    They are looked for in the folder, then in those above it up to the root of the repository.
    """
    folders = [start, *start.parents]
    root = next((number for number, folder in enumerate(folders) if (folder / ".git").exists()), 0)
    for folder in folders[: root + 1]:
        names = (folder / NAME, folder / PYPROJECT)
        found = [path for path in names if path.is_file() and (path.name == NAME or _has_table(path))]
        if found:
            return found
    return []


def read_project(
    file: Path | None = None,
    start: Path | None = None,
    environ: Mapping[str, str] = os.environ,
    fleet_options: Sequence[str] = (),
) -> ProjectSettings | None:
    """Read the file that is named or found; None if there is none. Raises UsageError.

    `fleet_options` are the names that [fleet] may have.
    """
    named = file or (Path(environ[FILE]) if environ.get(FILE) else None)
    files = [named] if named else find((start or Path.cwd()).resolve())
    if not files:
        return None
    layers = [_layer(path) for path in files]
    for layer in layers:
        converted(layer.values, BrownoutFile, layer.place)
    dependencies = {name for layer in layers for name in layer.values.get("dependencies", {})}
    layers.insert(0, environment_layer(environ, sorted(dependencies)))
    values = merged(layers)

    def place(path: KeyPath) -> str:
        return place_in(layers, path)

    settings = ProjectSettings(
        converted(values, BrownoutFile, place), values, layers, files[0].resolve().parent
    )
    check(settings.file, place, fleet_options)
    return settings


def check_text(name: str, text: str) -> None:
    """Check the text of a file that is to be written. Raises UsageError."""
    layer = Layer(name, _parsed(text, name), Lines(text))
    check(converted(layer.values, BrownoutFile, layer.place), layer.place)


def _layer(path: Path) -> Layer:
    inside = ("tool", "brownout") if path.name == PYPROJECT else ()
    document = _document(path)
    for name in inside:
        document = document.get(name, {})
    return Layer(shown(path), document, Lines(path.read_text("utf-8")), path.parent, inside)


def shown(path: Path) -> str:
    """Write a path as short as it can be typed here."""
    return str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)


def _document(path: Path) -> dict[str, Any]:
    try:
        return _parsed(path.read_text("utf-8"), shown(path))
    except OSError as error:
        raise UsageError(f'"{path}" can\'t be read: {error.strerror}.') from None
    except UnicodeDecodeError as error:
        raise UsageError(f"{shown(path)}: not TOML, which is UTF-8: {error.reason}") from None


def _parsed(text: str, name: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        said, _, where = str(error).partition(" (at line ")
        line = where.partition(",")[0]
        raise UsageError(f"{name}{f', line {line}' if line.isdigit() else ''}: not TOML: {said}") from None


def _has_table(pyproject: Path) -> bool:
    """Whether it has [tool.brownout]; one that is broken is not ours to complain about."""
    try:
        return "brownout" in tomllib.loads(pyproject.read_text("utf-8")).get("tool", {})
    except (OSError, ValueError):
        return False
