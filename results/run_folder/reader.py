"""Reads a run folder in whatever state a crash has left it."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from . import manifest, tables, timeline
from .blocks import Blocks
from .errors import RunFolderError
from .intervals import Intervals
from .log import LogReader
from .run import Run, State
from .table import TableReader

LATENCIES = "latency.hlog"


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
        load=reader.load(),
        samples=reader.samples(),
        events=reader.events(),
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
        self._read(LATENCIES, log.add)
        return log.read()

    def load(self) -> tables.Load:
        rows = TableReader(tables.Load)
        self._read(tables.LOAD, rows.add, rows.begin)
        return rows.read()

    def samples(self) -> tables.Samples:
        rows = TableReader(tables.Samples)
        self._read(tables.SAMPLES, rows.add, rows.begin)
        return rows.read()

    def events(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        self._read(timeline.NAME, lambda block: found.extend(_events(block)))
        return found

    def _read(
        self, name: str, parse: Callable[[str], None], begin: Callable[[str], None] | None = None
    ) -> None:
        """Give the file's blocks of lines to `parse`, its first line to `begin`; see `Blocks`."""
        blocks = Blocks(self._folder / name)
        try:
            deque(blocks.parsed(parse, begin), maxlen=0)
        except OSError as error:
            self.problems.append(f"{name} can't be read: {error.strerror}")
        if blocks.is_cut_off:
            self.problems.append(f"{name}: the last line is cut off")
        if blocks.bad:
            self.problems.append(_bad(name, blocks.bad))

    def _text(self, name: str) -> str | None:
        try:
            return (self._folder / name).read_text("utf-8", "replace")
        except OSError as error:
            self.problems.append(f"{name} can't be read: {error.strerror}")
            return None


def _events(block: str) -> list[dict[str, Any]]:
    return [_event(line) for line in block.split("\n")[:-1]]


def _event(line: str) -> dict[str, Any]:
    event = json.loads(line)
    if not isinstance(event, dict):
        raise ValueError("not an object")
    return event


def _bad(name: str, lines: Sequence[int]) -> str:
    if len(lines) == 1:
        return f"{name}: line {lines[0]} can't be read"
    return f"{name}: {len(lines):,} lines can't be read, the first is line {lines[0]}"
