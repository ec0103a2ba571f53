"""Settings from the environment: BROWNOUT_SERVICE_REPLICAS=3 overrides `service.replicas`. Pure."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from typing import Any, get_args, get_origin

import msgspec

from brownout.errors import UsageError
from brownout.project.convert import plain_type, table_of, unknown
from brownout.project.lines import Path
from brownout.project.model import BrownoutFile
from brownout.project.sources import Layer

PREFIX = "BROWNOUT_"
FILE = f"{PREFIX}FILE"
"""Names the file, as --config does."""


def environment_layer(environ: Mapping[str, str], dependencies: Iterable[str]) -> Layer:
    """Return the settings among these variables. Raises UsageError for one that names no key.

    Of the fleet's options none is a variable: the harness itself uses such names.
    """
    keys = {_variable(path): (path, type_) for path, type_ in _keys(dependencies)}
    values: dict[str, Any] = {}
    places = {}
    for name, text in sorted(environ.items()):
        if name in keys:
            path, type_ = keys[name]
            _set(values, path, _parsed(text, type_))
            places[path] = name
        elif any(name.startswith(f"{PREFIX}{table}_") for table in ("SERVICE", "DEPENDENCIES", "LOAD")):
            raise UsageError(f"the environment: {unknown(name, keys)}")
    return Layer("the environment", values, places=places)


def _keys(dependencies: Iterable[str]) -> list[tuple[Path, Any]]:
    found: list[tuple[Path, Any]] = []
    for one in msgspec.structs.fields(BrownoutFile):
        plain, _ = plain_type(one.type)
        if table := table_of(plain):
            found += [((one.encode_name, key.encode_name), key.type) for key in msgspec.structs.fields(table)]
        elif get_origin(plain) is dict and (table := table_of(get_args(plain)[1])):
            found += [
                ((one.encode_name, name, key.encode_name), key.type)
                for name in dependencies
                for key in msgspec.structs.fields(table)
            ]
    return found


def _variable(path: Path) -> str:
    return PREFIX + "_".join(path).upper().replace("-", "_")


def _parsed(text: str, type_: Any) -> Any:
    """Return the value that a variable's text means; the text where it is none, for the check to refuse."""
    try:
        return msgspec.convert(text, type_, strict=False)
    except msgspec.ValidationError:
        pass
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def _set(values: dict[str, Any], path: Path, value: Any) -> None:
    for name in path[:-1]:
        values = values.setdefault(name, {})
    values[path[-1]] = value
