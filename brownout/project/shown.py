"""What holds, with its place, as `brownout config` shows it; and the schema of the file. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, get_args, get_origin

import msgspec
from msgspec import Meta

from brownout.project.convert import Path, plain_type, table_of, written
from brownout.project.model import BrownoutFile
from brownout.project.read import ProjectSettings
from brownout.project.tested import masked
from brownout_results.record.manifest import without_userinfo


class SettingRow(NamedTuple):
    """A key that holds, its value, and where it was set."""

    key: str
    value: object
    place: str


def as_rows(project: ProjectSettings) -> list[SettingRow]:
    """Return every key that is set, in the order of the file, then the defaults."""
    given = dict(_leaves(project.values))
    rows = [SettingRow(written(path), value, project.place(*path)) for path, value in given.items()]
    defaults = [
        SettingRow(written(path), value, "default")
        for path, value in _leaves(msgspec.to_builtins(project.file))
        if path not in given and value not in (None, [], {})
    ]
    return rows + defaults


def _leaves(values: Mapping[str, Any], path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Walk over the keys that are no tables; variables named like secrets are masked."""
    for name, value in values.items():
        if isinstance(value, Mapping) and value:
            yield from _leaves(value, (*path, name))
        elif isinstance(value, str):
            yield (*path, name), without_userinfo(masked({name: value})[name])
        else:
            yield (*path, name), without_userinfo(value)


def described_keys(
    table: type[msgspec.Struct] = BrownoutFile, path: Path = ()
) -> Iterator[tuple[Path, Meta]]:
    """Return every key of the file with what is said about it; NAME stands for a dependency's."""
    for one in msgspec.structs.fields(table):
        plain, meta = plain_type(one.type)
        of_names = get_args(plain)[1] if get_origin(plain) is dict else None
        if below := table_of(of_names or plain):
            yield from described_keys(below, (*path, one.encode_name, *(["NAME"] if of_names else [])))
        elif meta:
            yield (*path, one.encode_name), meta


def schema_text() -> str:
    """Return the JSON schema of brownout.toml."""
    schema = msgspec.json.schema(BrownoutFile)
    document = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "brownout.toml", **schema}
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
