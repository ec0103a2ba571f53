"""The line of each key of a TOML file: tomllib tells values, and no lines. Pure."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

Path = tuple[str, ...]

_HEADER = re.compile(r"\s*\[+([^\[\]]+)\]+\s*(?:#.*)?$")
_KEY = re.compile(r"""\s*((?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*=""")
_QUOTES = re.compile("\"\"\"|'''")


class Lines:
    """The lines of a file's keys."""

    def __init__(self, text: str) -> None:
        self._lines = dict(_numbered(text))

    def of(self, path: Path) -> int | None:
        """Return the line of a key, or of the table that it stands in; None if neither is in the file."""
        while path:
            if path in self._lines:
                return self._lines[path]
            path = path[:-1]
        return None


def _numbered(text: str) -> Iterator[tuple[Path, int]]:
    table: Path = ()
    quote = ""
    for number, line in enumerate(text.splitlines(), start=1):
        was_quoted = quote
        for mark in _QUOTES.findall(line):
            quote = "" if quote == mark else quote or mark
        if was_quoted:
            continue
        if header := _HEADER.match(line):
            table = _parts(header[1])
            yield table, number
        elif key := _KEY.match(line):
            path = table + _parts(key[1])
            yield path, number


def _parts(dotted: str) -> Path:
    """Split a key such as `dependencies."a.b".url` as TOML does."""
    try:
        document: Any = tomllib.loads(f"{dotted} = 0")
    except tomllib.TOMLDecodeError:
        return (dotted.strip(),)
    parts = []
    while isinstance(document, Mapping):
        ((name, document),) = document.items()
        parts.append(name)
    return tuple(parts)
