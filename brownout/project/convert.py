"""Values turned into the tables of the model; an error has its place and an example. Pure."""

from __future__ import annotations

import difflib
import json
from collections.abc import Callable, Iterable, Mapping
from typing import Annotated, Any, TypeVar, get_args, get_origin

import msgspec
from msgspec import Meta

from brownout.errors import UsageError

T = TypeVar("T", bound=msgspec.Struct)
Path = tuple[str, ...]
Place = Callable[[Path], str]
"""Says where a key stands, such as `brownout.toml, line 3`."""


def converted(value: object, table: type[T], place: Place, path: Path = ()) -> T:
    """Convert a table, and those in it. Raises UsageError with the place of the first key that is wrong."""
    if not isinstance(value, Mapping):
        raise UsageError(f"{place(path)}: {written(path)} is a table: write [{'.'.join(path)}]")
    fields = {one.encode_name: one for one in msgspec.structs.fields(table)}
    for name in value:
        if name not in fields:
            raise UsageError(f"{place((*path, name))}: {unknown(name, fields, path)}")
    made = {name: _value(item, fields[name].type, place, (*path, name)) for name, item in value.items()}
    return table(**made)


def unknown(name: str, allowed: Iterable[str], path: Path = ()) -> str:
    """Say that there is no such key, and which is meant or which there are."""
    names = [*allowed]
    where = f"[{'.'.join(path)}]" if path else "the file"
    close = difflib.get_close_matches(name, names, 1)
    hint = f'write "{close[0]}"' if close else f"allowed: {', '.join(names)}"
    return f'"{name}" is not a key of {where}; {hint}'


def _value(value: object, type_: Any, place: Place, path: Path) -> Any:
    plain, meta = plain_type(type_)
    if table := table_of(plain):
        return converted(value, table, place, path)
    if get_origin(plain) is dict and (table := table_of(get_args(plain)[1])):
        if not isinstance(value, Mapping):
            raise UsageError(f"{place(path)}: {written(path)} is a table of tables: [{'.'.join(path)}.NAME]")
        return {name: converted(item, table, place, (*path, name)) for name, item in value.items()}
    try:
        return msgspec.convert(value, type_)
    except msgspec.ValidationError:
        allowed = (meta.extra or {}).get("allowed", "what is allowed") if meta else "what is allowed"
        example = f". As in: {path[-1]} = {toml(meta.examples[0])}" if meta and meta.examples else ""
        raise UsageError(f"{place(path)}: {path[-1]} = {toml(value)} is not {allowed}{example}") from None


def plain_type(type_: Any) -> tuple[Any, Meta | None]:
    """Return a key's type, and what is said about it."""
    if get_origin(type_) is Annotated:
        plain, *about = get_args(type_)
        return plain, next((one for one in about if isinstance(one, Meta) and one.extra), None)
    return type_, None


def table_of(plain: Any) -> type[msgspec.Struct] | None:
    """Return the table that a type is, or may be."""
    options = [plain, *get_args(plain)] if get_origin(plain) is not dict else []
    return next((one for one in options if isinstance(one, type) and issubclass(one, msgspec.Struct)), None)


def written(path: Path) -> str:
    """Write a key as in `service.replicas`."""
    return ".".join(path)


def toml(value: object) -> str:
    """Write a value as TOML."""
    if isinstance(value, Mapping):
        if not value:
            return "{}"
        return "{ " + ", ".join(f"{name} = {toml(item)}" for name, item in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(toml, value)) + "]"
    if isinstance(value, str | bool | int | float):
        return json.dumps(value, ensure_ascii=False)
    return str(value)
