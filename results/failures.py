"""Locust's table of failures, `locust_failures.csv`: what went wrong, and how often."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

NAME = "locust_failures.csv"


class Failure(NamedTuple):
    """A row of the table."""

    method: str
    name: str
    error: str
    """The cause, where the users judge answers (`fallback: circuit-open`); else the exception's text."""

    occurrences: int


def read_failures(folder: Path) -> list[Failure]:
    """The table of this run folder; rows that can't be read are left out, as is a table that is missing."""
    try:
        text = (folder / NAME).read_text("utf-8-sig", "replace")
    except OSError:
        return []
    return list(_rows(text))


def _rows(text: str) -> Iterator[Failure]:
    # Texts of errors may span lines; Python's limit of a cell is far above what Locust writes.
    rows = csv.DictReader(text.splitlines(keepends=True))
    with suppress(csv.Error):
        for row in rows:
            with suppress(KeyError, TypeError, ValueError):
                yield Failure(row["Method"], row["Name"], row["Error"], int(row["Occurrences"]))
