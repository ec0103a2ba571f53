"""Locust's own CSV files, in the run folder, always with full history, each second.

Without full history the percentiles in Locust's history are cumulative since the start, and hide every
recovery. The rows are made by Locust's code. What differs from `--csv`: one set of files a run, not a
process; the last row is the end of the run, not up to a second before; the tables are replaced, not
rewritten in place, so that a crash leaves no half of one.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gevent
from locust.env import Environment

from brownout_loadtest.locust_seam import StatsTables
from brownout_results.record.files import GrowingFile, replace

PREFIX = "locust"


class LocustTables(StatsTables):
    """Writes `locust_stats.csv`, `_stats_history`, `_failures` and `_exceptions` of one run."""

    name = f"{PREFIX}_*.csv"

    def __init__(self, environment: Environment, folder: Path) -> None:
        """Raises `OSError`."""
        super().__init__(environment, str(folder / PREFIX))
        self.close_files()  # they are open for writing in place
        history = Path(self.stats_history_file_name())
        history.unlink()
        self._history = GrowingFile(history)
        self._append(lambda writer: writer.writerow(self.stats_history_csv_columns))
        self._tables = {
            folder / f"{PREFIX}_stats.csv": self.requests_csv,
            folder / f"{PREFIX}_failures.csv": self.failures_csv,
            folder / f"{PREFIX}_exceptions.csv": self.exceptions_csv,
        }
        self._written: dict[Path, str] = {}
        self._table_error: OSError | None = None

    @property
    def error(self) -> OSError | None:
        """Why the last try to write failed; None if it did not."""
        return self._table_error or self._history.error

    def write(self, now: float) -> None:
        """The tables as they are, and one more row for each of their lines in the history, stamped `now`."""
        self._append(lambda writer: self.history_rows(writer, now))
        self._table_error = None
        for path, write_table in self._tables.items():
            text = _text(write_table)
            if text == self._written.get(path):  # as tables of failures mostly are
                continue
            self._written.pop(path, None)
            try:
                replace(path, text)
            except OSError as error:
                self._table_error = error
            else:
                self._written[path] = text

    def close(self) -> None:
        """Close the history; the tables are not open."""
        self._history.close()

    def before_percentiles(self) -> None:
        """Give the load its turn.

        Locust sorts the window's response times once for each percentile: half a millisecond. With many
        endpoints that adds up to a pause that requests would show as latency.
        """
        gevent.sleep(0)

    def _append(self, write_rows: Callable[[Any], None]) -> None:
        self._history.append(_text(write_rows))


def _text(write_rows: Callable[[Any], None]) -> str:
    text = io.StringIO(newline="")
    write_rows(csv.writer(text))
    return text.getvalue()
