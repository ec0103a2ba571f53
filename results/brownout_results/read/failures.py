"""Failures of a run and how often they occurred: `causes.csv`, else Locust's own table."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from brownout_results.record.table_rows import CAUSES

LOCUSTS = "locust_failures.csv"


class Failure(NamedTuple):
    """Requests of one endpoint that were not `ok` for one reason."""

    method: str
    name: str
    error: str
    """The cause, where the users judge answers (`fallback: circuit-open`); else the exception's text."""

    occurrences: int
    first_seen: float | None = None
    """Seconds since the epoch of the first and the last one; None if the source does not tell."""

    last_seen: float | None = None


def read_failures(folder: Path) -> list[Failure]:
    """Return the failures in a run folder; unreadable rows are left out.

    Locust's table alone, as in folders that older versions wrote, lacks what did not count as a failure.
    """
    causes = _text(folder / CAUSES)
    if causes is None:
        return list(_rows(_text(folder / LOCUSTS) or "", ("Method", "Name", "Error", "Occurrences")))
    seconds = _rows(causes, ("method", "name", "cause", "requests"))
    total: Counter[tuple[str, str, str]] = Counter()
    for failure in seconds:
        total[failure.method, failure.name, failure.error] += failure.occurrences
    return [Failure(method, name, error, times) for (method, name, error), times in total.items()]


def _text(path: Path) -> str | None:
    try:
        return path.read_text("utf-8-sig", "replace")
    except OSError:
        return None


def _rows(text: str, columns: tuple[str, str, str, str]) -> Iterator[Failure]:
    method, name, error, occurrences = columns
    # Texts of errors may span lines; Python's limit of a cell is far above what is written.
    rows = csv.DictReader(io.StringIO(text, newline=""))
    with suppress(csv.Error):
        for row in rows:
            with suppress(KeyError, TypeError, ValueError):
                yield Failure(row[method], row[name], row[error], int(row[occurrences]))
