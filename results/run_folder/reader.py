"""Reads a run folder in whatever state a crash has left it."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from . import hlog, manifest, tables, timeline
from .errors import RunFolderError
from .intervals import Intervals
from .payload import check
from .run import Run, State

LATENCIES = "latency.hlog"

T = TypeVar("T")


def read(folder: Path) -> Run:
    """The run in this folder. What is missing or damaged is left out and named in `problems`.

    Raises `RunFolderError` if it is no run folder at all.
    """
    known = (manifest.NAME, LATENCIES, timeline.NAME, tables.LOAD, tables.SAMPLES)
    if not any((folder / name).is_file() for name in known):
        raise RunFolderError(f'"{folder}" is not a run folder: it has none of {", ".join(known)}.')
    reader = _Reader(folder)
    document = reader.manifest()
    return Run(
        folder=folder,
        state=_state(folder, document),
        manifest=document,
        intervals=reader.intervals(),
        load=reader.table(tables.LOAD, tables.load_row),
        samples=reader.table(tables.SAMPLES, tables.sample),
        events=reader.items(timeline.NAME, _event),
        problems=reader.problems,
    )


def _state(folder: Path, document: Mapping[str, Any]) -> State:
    if document.get("ended") is not None:
        return State.ENDED
    return State.RUNNING if timeline.is_held(folder) else State.CUT_OFF


class _Reader:
    def __init__(self, folder: Path) -> None:
        self.problems: list[str] = []
        self._folder = folder

    def manifest(self) -> dict[str, Any]:
        text = self._text(manifest.NAME)
        if text is None:
            return {}
        try:
            return _event(text)
        except ValueError as error:
            self.problems.append(f"{manifest.NAME} is not a JSON object: {error}")
            return {}

    def intervals(self) -> Intervals:
        found = [item for item in self.items(LATENCIES, _interval) if item is not None]
        return Intervals.of([line for line, _ in found], [counts for _, counts in found])

    def table(self, name: str, parse: Callable[[Mapping[str, str]], T]) -> list[T]:
        """A CSV file's rows; columns are found by name, so that later versions can add some."""
        header: list[str] = []

        def row(line: str) -> T | None:
            cells = next(csv.reader([line]))
            if not header:
                header.extend(cells)
                return None
            if len(cells) != len(header):
                raise ValueError(f"{len(cells)} cells instead of {len(header)}")
            return parse(dict(zip(header, cells, strict=True)))

        return [item for item in self.items(name, row) if item is not None]

    def items(self, name: str, parse: Callable[[str], T]) -> list[T]:
        """What `parse` makes of each line; lines on which it raises `ValueError` are left out."""
        text = self._text(name)
        if not text:
            return []
        *lines, rest = text.split("\n")
        if rest:
            self.problems.append(f"{name}: the last line is cut off")
        parsed: list[T] = []
        bad: list[int] = []
        for number, line in enumerate(lines, start=1):
            try:
                parsed.append(parse(line))
            except ValueError:
                bad.append(number)
        if bad:
            self.problems.append(f"{name}: {len(bad)} lines can't be read, the first is line {bad[0]}")
        return parsed

    def _text(self, name: str) -> str | None:
        try:
            return (self._folder / name).read_text("utf-8", "replace")
        except OSError as error:
            self.problems.append(f"{name} can't be read: {error.strerror}")
            return None


def _interval(line: str) -> tuple[hlog.Line, bytes] | None:
    interval = hlog.parse(line)
    return None if interval is None else (interval, check(interval.payload))


def _event(line: str) -> dict[str, Any]:
    event = json.loads(line)
    if not isinstance(event, dict):
        raise ValueError("not an object")
    return event
