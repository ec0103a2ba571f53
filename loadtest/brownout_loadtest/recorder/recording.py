"""One run's folder, from its making to its end. It keeps no time itself: somebody calls `tick` each
second."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from brownout_loadtest import stall_events
from brownout_loadtest.meter import LoadSecond
from brownout_results.record import (
    LATENCY,
    SERVICE,
    UNTIMED,
    CauseRow,
    Histogram,
    RunFolderError,
    Sample,
    event_log,
    latency_log,
    table_rows,
)
from brownout_results.record.histogram_encoding import encode
from brownout_results.record.manifest import FORMAT, write_manifest
from brownout_results.record.timestamps import iso
from brownout_terms.health import QUEUE_MS
from brownout_terms.stalls import SHOWN_S

from .clock import RunClock
from .failures import Failures
from .health_rows import HealthRows
from .load_rows import LoadRows, LoadSize
from .observer import Observer
from .pending import Pending
from .progress import Progress, ProgressPipe
from .report import WorkerReport
from .run_files import RunFiles, Trouble, Written
from .seconds import Rates, seconds_of
from .tally import SecondTally
from .workers import Workers

logger = logging.getLogger(__name__)

STRUGGLING = "%s can't be written: %s. The load goes on; what is recorded waits, and each second tries again."
"""Said once a file and failure; not each second."""


class Tables(Written, Protocol):
    """Locust's own files."""

    def write(self, now: float) -> None: ...
    def close(self) -> None: ...


class Recording:
    """Writes what it is given to the run folder, each second when it is over."""

    def __init__(
        self,
        folder: Path,
        started: float,
        clock: RunClock,
        settings: Mapping[str, Any],
        load_size: Callable[[], LoadSize],
        locust_tables: Tables | None = None,
        pipe: ProgressPipe | None = None,
        observer: Observer | None = None,
        failures: Failures | None = None,
    ) -> None:
        """`started` is in seconds since the epoch; `load_size` counts the users and processes of now.

        Raises `RunFolderError`.
        """
        self.folder = folder
        self.failures = failures or Failures()
        self.workers = Workers()
        self.ended_because: str | None = None
        """Why the run ended, where it should not have, or not so."""
        self._clock = clock
        self._count_load = load_size
        self._load_size = load_size()
        self._started = self._ticked = started
        self._manifest = {
            "format": FORMAT,
            "label": None,
            "started": iso(self._started),
            "ended": None,
            "how_ended": None,
            **settings,
        }
        self._requests = self._untimed = self._unrecorded = 0
        self._pending = Pending()
        self._load = LoadRows(int(self._started))
        self._locust_tables = locust_tables
        self._pipe = pipe
        self._observer = observer
        self.rates = Rates()
        self._progress = Progress(self._started)
        self._trouble = Trouble()
        self._files = RunFiles(folder, self._started)
        self.health = HealthRows(self._write_samples)
        """What parts of brownout tell of themselves."""
        self._begin()

    def _begin(self) -> None:
        try:
            write_manifest(self.folder, self._manifest)
        except OSError as error:
            raise RunFolderError(
                f'run.json can\'t be written in "{self.folder}": {error.strerror}.'
            ) from error
        self.event("run-started", {"folder": self.folder.name})
        if self._observer:
            self._observer.run_started(self.folder, str(self._manifest["label"]), self._started)
        if self._pipe:
            self._pipe.send({"folder": str(self.folder.resolve())})

    def event(self, kind: str, fields: Mapping[str, Any]) -> None:
        """Write an event at once."""
        event = event_log.event(kind, self._clock.now(), self._clock.monotonic(), fields)
        with self.failures.guarded(event_log.NAME):
            self._files.events.append(event_log.line_of(event))
        if self._observer:
            with self.failures.guarded("the panel"):
                self._observer.event(event)

    def stalls(self, process: str, found: Iterable[tuple[float, float]]) -> None:
        """Note stalls of a process: of each its start, in seconds since the epoch, and its length."""
        for since, seconds in found:
            self.write_stall(process, since, seconds)
            if seconds >= SHOWN_S:
                self.event(stall_events.EVENT, stall_events.fields_of(process, since, seconds))

    def write_stall(self, process: str, since: float, seconds: float) -> None:
        """Write the samples of a stall alone."""
        self._write_samples(stall_events.samples_of(process, since, seconds))

    def samples(self, rows: list[Sample]) -> None:
        """Write samples at once."""
        self.rates.add(rows)
        self._write_samples(rows)

    def _write_samples(self, rows: Iterable[Sample]) -> None:
        self._files.samples.append(table_rows.rows_text(rows))

    def add(self, parts: Sequence[SecondTally], load: Mapping[int, LoadSecond], unrecorded: int = 0) -> None:
        """Take in what a process has recorded, and how many requests it failed to record."""
        self._pending.add(parts)
        self._load.add(load)
        self._unrecorded += unrecorded

    def add_report(self, worker: str, report: WorkerReport) -> None:
        """Take in a worker's report."""
        self.add(report.parts, report.load, report.unrecorded)
        self.failures.add(report.failures)
        self.stalls(f"worker {worker}", report.stalls)
        for at, told in report.health:
            self.health.add(f"worker {worker}", at, told, max(0.0, 1000 * (self._clock.now() - at)))
        counted = {"requests": report.requests, "sent": report.sent}
        changes = self.workers.reported(
            worker, self._clock.now(), clock=report.clock, idle=report.idle, **counted
        )
        for change in changes:
            self.event("worker", change)

    def tick(self, breakers: Mapping[str, str]) -> None:
        """Write the seconds that are over; `breakers` has each replica's state, for the progress line."""
        now = self._clock.now()
        self._load_size = self._count_load()
        self.health.add(stall_events.RECORDER, now, {QUEUE_MS: 1000 * self._files.oldest_wait_s()})
        self._write(int(now), breakers)
        if (suspended := self._clock.suspended()) is not None:
            self.event(stall_events.SUSPEND, stall_events.suspend_fields(self._ticked, suspended))
        self._ticked = now
        for change in self.workers.check(now):
            self.event("worker", change)
        if (stepped := self._clock.step()) is not None:
            self.event("clock-step", {"by_s": round(stepped, 3)})

    def write_tables(self) -> None:
        """Write Locust's tables, which may take a while, and lets the load go on meanwhile."""
        if self._locust_tables:
            with self.failures.guarded(self._locust_tables.name):
                self._locust_tables.write(self._clock.now())

    def finish(self, how: str) -> None:
        """Write everything that is left, say how the run ended, and close the files."""
        now = self._clock.now()
        last = self._count_load()
        if (last.users or 0) >= (self._load_size.users or 0):  # else the users are gone already
            self._load_size = last
        self._write(int(now), {}, everything=True)
        self.write_tables()
        if self.ended_because is None and (count := self.workers.still_reporting(now)):
            self.ended_because = (
                f"users on {count} worker{'s' * (count != 1)} did not stop when the load had ended"
            )
        for change in self.workers.unfinished():
            self.event("worker", change)
        self.event("run-ended", {"how": how, "requests": self._requests, "untimed": self._untimed})
        self._files.close()
        if self._locust_tables:
            self._locust_tables.close()
        self._end(now, how)
        if self._observer:
            with self.failures.guarded("the panel"):
                self._observer.run_ended(now)

    def _end(self, now: float, how: str) -> None:
        self.note(
            {
                "ended": iso(now),
                "how_ended": how,
                "ended_because": self.ended_because,
                "requests": self._requests,
                "untimed": self._untimed,
                "unrecorded": self._unrecorded,
                "recorder_failures": self.failures.counts(),
                "workers": self.workers.summary(),
                "lost_reports": self.workers.lost,
                "not_written": self._files.lost(),
            }
        )

    def note(self, facts: Mapping[str, Any]) -> None:
        """Add to run.json what is known only when the run is over."""
        self._manifest |= facts
        try:
            write_manifest(self.folder, self._manifest)
        except OSError as error:
            logger.error("run.json of %s can't be written: %s", self.folder, error.strerror)

    def _write(self, closed: int, breakers: Mapping[str, str], *, everything: bool = False) -> None:
        size = self._load_size
        parts = self._pending.take(closed, everything=everything)
        rows = list(self._load.take(closed, size, everything=everything))
        self._requests += sum(part.requests for part in parts)
        self._untimed += sum(part.untimed for part in parts)
        guarded = self.failures.guarded
        with guarded(self._files.latency.name):
            self._files.latency.append("".join(map(_lines, parts)))
        with guarded(self._files.load.name):
            self._files.load.append(table_rows.rows_text(rows))
        with guarded(self._files.causes.name):
            self._files.causes.append(table_rows.rows_text(_causes(parts)))
        self._files.samples.retry()
        self._files.events.retry()
        self._note_trouble()
        if self._observer:
            with guarded("the panel"):
                for second in seconds_of(parts, rows, self.rates):
                    self._observer.second(second)
        if self._pipe:
            with guarded("the progress of the run"):
                self._progress.add(parts, rows)
                self._pipe.send(self._progress.report(closed, size.users or 0, size.workers or 0, breakers))

    def _note_trouble(self) -> None:
        files: tuple[Written, ...] = self._files.all
        if self._locust_tables:
            files += (self._locust_tables,)
        for change in self._trouble.changes(files):
            self.event("writing", change)
            path = self.folder / str(change["file"])
            if change["state"] == "failing":
                logger.error(STRUGGLING, path, change["reason"])
            else:
                logger.warning("%s is written again", path)


def _lines(part: SecondTally) -> str:
    lines = ""
    if part.latency.count:
        service = encode(part.service)
        latency = service if part.latency is part.service else encode(part.latency)
        lines = _line(part, LATENCY, part.latency, latency) + _line(part, SERVICE, part.service, service)
    if part.untimed:
        untimed = Histogram.repeated(part.untimed)
        lines += _line(part, UNTIMED, untimed, encode(untimed))
    return lines


def _line(part: SecondTally, measure: str, histogram: Histogram, payload: str) -> str:
    outcome, method, name = part.key
    line = latency_log.LogLine(latency_log.Series(outcome, measure, method, name), part.second, 1.0, payload)
    return latency_log.text(line, histogram.max_us)


def _causes(parts: Sequence[SecondTally]) -> Iterator[CauseRow]:
    for part in parts:
        for cause, count in part.causes.items():
            yield CauseRow(part.second, *part.key, cause, count)
