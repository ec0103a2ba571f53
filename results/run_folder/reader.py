"""Reads a run folder in whatever state a crash has left it."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from . import manifest, tables, timeline
from .blocks import Blocks
from .errors import RunFolderError
from .intervals import Intervals
from .log import LogReader
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
        load=reader.table(tables.LOAD, tables.load_rows),
        samples=reader.table(tables.SAMPLES, tables.samples),
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
        log = LogReader()
        for _ in self.blocks(LATENCIES, log.add):
            pass
        return log.read()

    def blocks(self, name: str, parse: Callable[[str], T]) -> Iterator[T]:
        """What `parse` makes of each block of lines; see `Blocks`."""
        file = Blocks(self._folder / name)
        try:
            yield from file.parsed(parse)
        except OSError as error:
            self.problems.append(f"{name} can't be read: {error.strerror}")
        if file.is_cut_off:
            self.problems.append(f"{name}: the last line is cut off")
        if file.bad:
            self.problems.append(_bad(name, file.bad))

    def table(self, name: str, rows: Callable[[Sequence[str]], Callable[[Sequence[str]], T]]) -> list[T]:
        """A CSV file's rows; columns are found by name, so that later versions can add some."""
        width = 0
        parse: Callable[[Sequence[str]], T] | None = None

        def row(line: str) -> T | None:
            nonlocal width, parse
            cells = next(csv.reader([line])) if '"' in line else line.split(",")
            if parse is None:
                width, parse = len(cells), rows(cells)
                return None
            if len(cells) != width:
                raise ValueError(f"{len(cells)} cells instead of {width}")
            return parse(cells)

        return [item for item in self.lines(name, row) if item is not None]

    def items(self, name: str, parse: Callable[[str], T]) -> list[T]:
        """What `parse` makes of each line."""
        return list(self.lines(name, parse))

    def lines(self, name: str, parse: Callable[[str], T]) -> Iterator[T]:
        """What `parse` makes of each line, one after the other: a day's files are larger than one wants in
        memory. Lines on which it raises `ValueError` are left out."""
        bad: list[int] = []
        try:
            with (self._folder / name).open(encoding="utf-8", errors="replace", newline="\n") as file:
                for number, line in enumerate(file, start=1):
                    if not line.endswith("\n"):
                        self.problems.append(f"{name}: the last line is cut off")
                        break
                    try:
                        parsed = parse(line[:-1])
                    except ValueError:
                        bad.append(number)
                    else:
                        yield parsed
        except OSError as error:
            self.problems.append(f"{name} can't be read: {error.strerror}")
        if bad:
            self.problems.append(_bad(name, bad))

    def _text(self, name: str) -> str | None:
        try:
            return (self._folder / name).read_text("utf-8", "replace")
        except OSError as error:
            self.problems.append(f"{name} can't be read: {error.strerror}")
            return None


def _event(line: str) -> dict[str, Any]:
    event = json.loads(line)
    if not isinstance(event, dict):
        raise ValueError("not an object")
    return event


def _bad(name: str, lines: Sequence[int]) -> str:
    if len(lines) == 1:
        return f"{name}: line {lines[0]} can't be read"
    return f"{name}: {len(lines):,} lines can't be read, the first is line {lines[0]}"
