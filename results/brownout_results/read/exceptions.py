"""Exceptions that tasks and users of the locustfile raised, from Locust's own table."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

TABLE = "locust_exceptions.csv"
SHOWN = 3
LONGEST = 300

_FRAME = re.compile(r'File "([^"]*)", line (\d+)(?:, in (\S+))?')


class TaskException(NamedTuple):
    """An exception that was raised at one place, and how often."""

    message: str
    place: str
    """File and line in which it was raised; empty if the table does not tell."""

    occurrences: int


class UserException(NamedTuple):
    """An exception of the users' own code, as Locust's files and reports have it."""

    occurrences: int
    message: str
    traceback: str = ""
    nodes: str = ""
    """The processes that raised it, as Locust names them."""


def read_exceptions(folder: Path) -> list[TaskException] | None:
    """The exceptions of a run folder, the most frequent first; None if it has no such table."""
    try:
        text = (folder / TABLE).read_text("utf-8-sig", "replace")
    except OSError:
        return None
    found = []
    with suppress(csv.Error):
        for row in csv.DictReader(io.StringIO(text, newline="")):
            with suppress(KeyError, TypeError, ValueError):
                found.append(TaskException(row["Message"], _place(row["Traceback"]), int(row["Count"])))
    return sorted(found, key=lambda one: -one.occurrences)


def told(exceptions: Sequence[TaskException]) -> str:
    """The most frequent ones in words: "74 × 'items' (locustfile.py, line 9)"."""
    named = [
        f"{one.occurrences:,} × {one.message[:LONGEST] or 'without a message'}"
        + (f" ({one.place})" if one.place else "")
        for one in exceptions[:SHOWN]
    ]
    more = len(exceptions) - SHOWN
    return ", ".join([*named, *([f"{more} more kinds"] if more > 0 else [])])


def _place(traceback: str) -> str:
    frames = _FRAME.findall(traceback)
    return f"{Path(frames[-1][0]).name}, line {frames[-1][1]}" if frames else ""


def way(traceback: str, frames: int = 4) -> str:
    """The last places of a traceback on one line: "task.py:373 execute_task → users.py:16 broken"."""
    places = [
        f"{file.replace(chr(92), '/').rpartition('/')[2]}:{line} {function}".strip()
        for file, line, function in _FRAME.findall(traceback)
    ]
    return " → ".join(places[-frames:])
