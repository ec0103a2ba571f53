"""The growing files of a run folder, and what to say when one of them can't be written."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol

from brownout_results.record import (
    CauseRow,
    LoadRow,
    RunFolderError,
    Sample,
    event_log,
    latency_log,
    table_rows,
)
from brownout_results.record.files import GrowingFile
from brownout_results.record.latency_log import NAME as LATENCIES


class Written(Protocol):
    """A file, or several, and why the last try to write failed, if it did."""

    @property
    def name(self) -> str: ...
    @property
    def error(self) -> OSError | None: ...


class RunFiles:
    """`latency.hlog`, `load.csv`, `causes.csv`, `samples.csv` and `events.jsonl`, begun and open."""

    def __init__(self, folder: Path, started: float) -> None:
        """`started` in seconds since the epoch. Raises `RunFolderError`."""
        try:
            self.latency = GrowingFile(folder / LATENCIES)
            self.load = GrowingFile(folder / table_rows.LOAD)
            self.causes = GrowingFile(folder / table_rows.CAUSES)
            self.samples = GrowingFile(folder / table_rows.SAMPLES)
            self.events = GrowingFile(folder / event_log.NAME)
        except OSError as error:
            raise RunFolderError(f'the run folder "{folder}" can\'t be written: {error.strerror}.') from error
        event_log.hold(self.events.fileno())
        self.all = (self.latency, self.load, self.causes, self.samples, self.events)
        self.latency.append(latency_log.header(int(started)))
        self.load.append(table_rows.header(LoadRow))
        self.causes.append(table_rows.header(CauseRow))
        self.samples.append(table_rows.header(Sample))
        for file in self.all:
            if file.error:
                raise RunFolderError(f'"{file.path}" can\'t be written: {file.error.strerror}.')

    def lost(self) -> dict[str, int]:
        """Blocks (for most files a second each) that were given up, of the files that lost any."""
        return {file.name: file.lost_blocks for file in self.all if file.lost_blocks}

    def oldest_wait_s(self) -> float:
        """Return for how long has waited what waits longest to be written."""
        now = time.monotonic()
        return max(now - (file.waits_since or now) for file in self.all)

    def close(self) -> None:
        """A last try to write what waits, then the end."""
        for file in self.all:
            file.close()


class Trouble:
    """Tells once when a file can't be written, and once when it can again."""

    def __init__(self) -> None:
        self._failing: set[str] = set()

    def changes(self, files: tuple[Written, ...]) -> Iterator[Mapping[str, Any]]:
        """An event for each file that has begun or ceased to fail since the last look."""
        for file in files:
            if file.error and file.name not in self._failing:
                self._failing.add(file.name)
                yield {"file": file.name, "state": "failing", "reason": file.error.strerror}
            elif not file.error and file.name in self._failing:
                self._failing.remove(file.name)
                yield {"file": file.name, "state": "written again"}
