"""Reads a run folder in whatever state a crash has left it."""

from __future__ import annotations

import json
from collections import defaultdict, deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from brownout_results.record import event_log, latency_log, manifest, table_rows
from brownout_results.record.errors import RunFolderError

from . import tables
from .heap import give_back
from .intervals import Intervals
from .line_blocks import Blocks
from .parallel_reader import SharedLog
from .run import Run, RunState
from .table import TableReader


def read(folder: Path) -> Run:
    """Read the run in this folder. What is missing or damaged is left out and named in `problems`.

    Raises `RunFolderError` if it is no run folder at all.
    """
    known = (manifest.NAME, latency_log.NAME, table_rows.LOAD, table_rows.SAMPLES, event_log.NAME)
    if not any((folder / name).is_file() for name in known):
        raise RunFolderError(f'"{folder}" is not a run folder: it has none of {", ".join(known)}.')
    reader = _Reader(folder)
    document = reader.manifest()
    # The log's other readers start first, so that they read while this process reads the tables.
    with SharedLog(
        folder / latency_log.NAME, beside=reader.size(table_rows.LOAD) + reader.size(table_rows.SAMPLES)
    ) as log:
        samples = reader.samples()
        is_harness, is_forwarder = (
            samples.text("service").is_in(name) for name in (table_rows.HARNESS, table_rows.FORWARDER)
        )
        is_own = is_harness | is_forwarder
        run = Run(
            folder=folder,
            state=_state(folder, document),
            manifest=document,
            load=reader.load(),
            samples=samples.where(~is_own) if is_own.any() else samples,
            harness=samples.where(is_harness),
            forwarders=samples.where(is_forwarder),
            events=reader.events(),
            intervals=reader.intervals(log),
            problems=[problem for name in known for problem in reader.problems[name]],
        )
    give_back()
    return run


def _state(folder: Path, document: Mapping[str, Any]) -> RunState:
    if document.get("ended") is not None:
        return RunState.ENDED
    return RunState.RUNNING if event_log.is_held(folder) else RunState.CUT_OFF


class _Reader:
    def __init__(self, folder: Path) -> None:
        self.problems: defaultdict[str, list[str]] = defaultdict(list)
        """Problems by file."""

        self._folder = folder

    def size(self, name: str) -> int:
        """Return the size of a file in bytes."""
        path = self._folder / name
        return path.stat().st_size if path.is_file() else 0

    def manifest(self) -> dict[str, Any]:
        text = self._text(manifest.NAME)
        if text is None:
            return {}
        try:
            return _event(text)
        except ValueError as error:
            self.problems[manifest.NAME].append(f"{manifest.NAME} is not a JSON object: {error}")
            return {}

    def intervals(self, log: SharedLog) -> Intervals:
        try:
            log.read()
        except OSError as error:
            self._unreadable(latency_log.NAME, error)
        self._check(latency_log.NAME, log.bad, is_cut_off=log.is_cut_off)
        return log.built()

    def load(self) -> tables.LoadTable:
        rows = TableReader(tables.LoadTable)
        self._read(table_rows.LOAD, rows.add, rows.begin)
        return rows.read()

    def samples(self) -> tables.SampleTable:
        rows = TableReader(tables.SampleTable)
        self._read(table_rows.SAMPLES, rows.add, rows.begin)
        return rows.read()

    def events(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        self._read(event_log.NAME, lambda block: found.extend(_events(block)))
        return found

    def _read(
        self, name: str, parse: Callable[[str], None], begin: Callable[[str], None] | None = None
    ) -> None:
        """Give the file's blocks of lines to `parse`, its first line to `begin`; see `Blocks`."""
        blocks = Blocks(self._folder / name)
        try:
            deque(blocks.parsed(parse, begin), maxlen=0)
        except OSError as error:
            self._unreadable(name, error)
        self._check(name, blocks.bad, is_cut_off=blocks.is_cut_off)

    def _unreadable(self, name: str, error: OSError) -> None:
        self.problems[name].append(f"{name} can't be read: {error.strerror}")

    def _check(self, name: str, bad: Sequence[int], *, is_cut_off: bool) -> None:
        if is_cut_off:
            self.problems[name].append(f"{name}: the last line is cut off")
        if bad:
            self.problems[name].append(_bad(name, bad))

    def _text(self, name: str) -> str | None:
        try:
            return (self._folder / name).read_text("utf-8", "replace")
        except OSError as error:
            self._unreadable(name, error)
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
