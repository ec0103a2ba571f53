"""Runs and their reports. A separate program makes the reports."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

import msgspec
from gevent import subprocess
from gevent.lock import BoundedSemaphore

from brownout_panel.errors import ReportError, UnknownRunError
from brownout_panel.model import BookResult
from brownout_results.record.manifest import NAME as MANIFEST

REPORT = "report.html"
INDEX = "index.html"
BOOK = "book.json"

MAKE_S = 120.0
"""Time for the report of a run of hours, on a busy machine."""

NICENESS = 10
"""Low priority: a report must not take processor time from a running load."""

MADE = (0, 1, 3)
"""Exit codes of the program with a report: passed, a threshold was missed, the run is invalid."""

SANDBOX = "sandbox allow-scripts allow-downloads"
"""Content-Security-Policy of reports: their scripts are inline, so they get an origin that is nobody's, and
can push no button here."""


class Reports:
    """The folder of runs."""

    def __init__(self, runs: Path, last: Callable[[], Path | None], program: Sequence[str]) -> None:
        """`last` is the folder of the last run of this process; `program` makes the report of a folder, and
        the index of the folder that it is in."""
        self.runs = runs.absolute()
        self._last = last
        self._program = list(program)
        self._making = BoundedSemaphore()
        self._process: subprocess.Popen | None = None
        self._stopped = False

    def make(self, run: str | None) -> str:
        """Make the report of a run by its folder's name, else of the last one; returns the name.

        Raises UnknownRunError or ReportError.
        """
        folder = self._last() if run is None else self.folder(run)
        if folder is None:
            raise UnknownRunError("no run was recorded yet: there is nothing to report. Start a load first.")
        with self._making:
            code, complaint = self._run(folder)
        if code not in MADE or not (folder / REPORT).is_file():
            why = complaint or f"exit code {code}"
            raise ReportError(f'no report of "{folder.name}" could be made: {why}')
        return folder.name

    def book(self, run: str) -> BookResult | None:
        """Return the result of a run's book, which is written with its report; None if there is none."""
        try:
            return msgspec.json.decode((self.folder(run) / BOOK).read_bytes(), type=BookResult)
        except (OSError, msgspec.DecodeError):
            return None

    def stop(self) -> None:
        """End the program if it runs, and start it no more."""
        self._stopped = True
        if self._process is not None:
            self._process.kill()

    def folder(self, run: str) -> Path:
        """Return the folder of a run. Raises UnknownRunError."""
        names = os.listdir(self.runs) if self.runs.is_dir() else []  # so that no name can lead elsewhere
        if run not in names or not (self.runs / run / MANIFEST).is_file():
            raise UnknownRunError(f'there is no run "{run}" in {self.runs.name}')
        return self.runs / run

    def _run(self, folder: Path) -> tuple[int, str]:
        """Run the program; return its exit code and its complaint."""
        if self._stopped:
            return -1, "the panel has stopped"
        made = subprocess.Popen(
            [*self._program, str(folder)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        self._process = made
        with suppress(ProcessLookupError):
            os.setpriority(os.PRIO_PROCESS, made.pid, NICENESS)
        try:
            _, complaint = made.communicate(timeout=MAKE_S)
        except subprocess.TimeoutExpired:
            made.kill()
            made.communicate()
            return -1, f"nothing after {MAKE_S:g} s"
        finally:
            self._process = None
        return made.returncode, complaint.decode(errors="replace").strip()
