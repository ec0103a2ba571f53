"""`PREFIX_stats_history.csv`, read in chunks: a day of eleven names is a million rows."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import chain, compress, islice
from pathlib import Path

import numpy as np

from .cells import LARGEST, blocks, number_of
from .headers import Header
from .moments import moment_of
from .run import Floats
from .running_totals import Positions

CHUNK = 20_000
FIRST = 200
"""Rows by which to tell whether endpoints have rows of their own."""
SHOWN = (50.0, 90.0, 95.0, 99.0, 99.9, 100.0)
"""Percentiles that are kept of each row; of a file with other columns, all."""

FEWEST = 3
TRUNCATED = 99.999
"""A column of the versions that cut means to whole numbers: 0.13.3 to 1.1."""

Key = tuple[str, str]


def is_total(method: str, name: str) -> bool:
    """Whether a row is that of all requests."""
    return method in ("", "None") and name in ("Aggregated", "Total")


@dataclass(frozen=True, eq=False)
class HistoryTable:
    """The history's rows in the file's order."""

    keys: Sequence[Key]
    """Method and name as they are in the file, the total's among them."""

    key_of: Positions
    stamps: Floats
    users: Floats
    requests: Floats
    failed: Floats
    percentiles: dict[float, Floats]
    highest: Floats
    """The maximum of all since the start, where the file has it."""

    lowest: Floats
    means: Floats
    sizes: Floats
    """The same of the minimum, the mean duration and the mean content size."""

    is_truncated: bool
    """Whether means are cut to whole numbers, as in the versions that wrote a column 99.999."""

    lines: Positions
    """The line of each row."""

    headers: Sequence[int]
    """Lines of further headers: someone put files together, or a version appended to its last run's."""

    bad: Sequence[int]
    """Lines that could not be read."""

    last_line: int

    def rows(self, which: Positions) -> HistoryTable:
        """The table with these of its rows, in this order."""
        return replace(
            self,
            key_of=self.key_of[which],
            stamps=self.stamps[which],
            users=self.users[which],
            requests=self.requests[which],
            failed=self.failed[which],
            percentiles={percent: values[which] for percent, values in self.percentiles.items()},
            highest=self.highest[which],
            lowest=self.lowest[which],
            means=self.means[which],
            sizes=self.sizes[which],
            lines=self.lines[which],
        )

    @property
    def of_total(self) -> Positions:
        """Where the rows of all requests are."""
        totals = [number for number, key in enumerate(self.keys) if is_total(*key)]
        return np.flatnonzero(np.isin(self.key_of, totals))


def read_history(path: Path, header: Header) -> HistoryTable:
    """The table. Raises `LocustCsvError` if the file can't be opened."""
    rows_in_blocks = blocks(path, CHUNK)
    opening = list(islice(rows_in_blocks, 1))
    percents = _kept(header, opening)
    chosen = ["timestamp", "users", "requests", "failed", "max", "min", "mean", "size"]
    places = [header.columns.get(name) for name in chosen] + [header.percents[one] for one in percents]
    numbers: dict[Key, int] = {}
    parts, keys, lines, bad, headers = [], [], [], [], []
    last_line = 0
    named = [header.columns.get("method"), header.columns["name"]]
    for at, block in chain(opening, rows_in_blocks):
        last_line = at[-1] if at else last_line
        are_whole = [_length(row) == header.length for row in block]
        rows: list[str | list[str]] = list(compress(block, are_whole))
        places_of_rows = list(compress(at, are_whole))
        bad += [number for number, is_whole in zip(at, are_whole, strict=True) if not is_whole]
        if rows:
            names, found = _columns(rows, named, places)
            keys.append(np.array([numbers.setdefault(key, len(numbers)) for key in names], np.int64))
            parts.append(found)
            lines.append(np.array(places_of_rows, np.int64))
            headers += [] if np.isfinite(found[0]).all() else _headers(rows, places_of_rows, header)
    values = [np.concatenate(column) for column in zip(*parts, strict=True)] or [np.empty(0)] * len(places)
    key_of, line_of = (np.concatenate(one) if one else np.empty(0, np.int64) for one in (keys, lines))
    stamps, *others = values
    users, requests, failed, highest, lowest, means, sizes, *rest = map(_possible, others)
    whole = HistoryTable(
        keys=list(numbers),
        key_of=key_of,
        stamps=_seconds(stamps),
        users=users,
        requests=requests,
        failed=failed,
        percentiles=dict(zip(percents, rest, strict=True)),
        highest=highest,
        lowest=lowest,
        means=means,
        sizes=sizes,
        is_truncated=TRUNCATED in header.percents,
        lines=line_of,
        headers=headers,
        bad=bad,
        last_line=last_line,
    )
    return _countable(whole)


def _possible(column: Floats) -> Floats:
    """The column with NaN for what is no count, no milliseconds and no bytes."""
    with np.errstate(invalid="ignore"):
        bad = ~(np.abs(column) < LARGEST)
    return np.where(bad, np.nan, column) if bad.any() else column


def _countable(table: HistoryTable) -> HistoryTable:
    """The rows that have a time and counts that can be."""
    good = np.isfinite(table.stamps) & (table.stamps >= 0) & np.isfinite(table.requests)
    good &= (table.failed >= 0) & (table.requests >= table.failed)
    if good.all():
        return table
    bad = set(table.lines[~good].tolist()) - set(table.headers)
    return replace(table.rows(np.flatnonzero(good)), bad=sorted({*table.bad, *bad}))


def _headers(rows: Sequence[str | list[str]], at: Sequence[int], header: Header) -> list[int]:
    """Which of the lines are headers again."""
    place = header.columns["timestamp"]
    cells = (row.split(",") if isinstance(row, str) else row for row in rows)
    return [
        number for number, row in zip(at, cells, strict=True) if row[place].strip(' "').lower() == "timestamp"
    ]


def _seconds(stamps: Floats) -> Floats:
    """Times since the epoch in seconds, though they may be written in milliseconds and less."""
    with np.errstate(invalid="ignore"):
        scale = np.select([stamps >= 1e17, stamps >= 1e14, stamps >= 1e11], [1e9, 1e6, 1e3], 1.0)
    return np.where(np.isfinite(stamps), stamps / scale, np.nan)


def _kept(header: Header, opening: Sequence[tuple[Sequence[int], Sequence[str | list[str]]]]) -> list[float]:
    """Which percentiles to keep: all of them if there are rows of the total only."""
    rows = [row.split(",") if isinstance(row, str) else row for _, block in opening for row in block[:FIRST]]
    place = header.columns["name"]
    names = {row[place] for row in rows if len(row) == header.length} - {"Name"}
    chosen = [percent for percent in SHOWN if percent in header.percents]
    return list(header.percents) if len(names) < 2 or len(chosen) < FEWEST else chosen


def _length(row: str | Sequence[str]) -> int:
    return row.count(",") + 1 if isinstance(row, str) else len(row)


def _columns(
    rows: Sequence[str | list[str]], named: Sequence[int | None], places: Sequence[int | None]
) -> tuple[Iterable[Key], list[Floats]]:
    """Method and name of each row, and the columns at these places; lines are left to numpy, which is three
    times as fast, unless there is something in them that is no number, such as N/A."""
    lines = [row for row in rows if isinstance(row, str)]
    wanted = [place for place in places if place is not None]
    if len(lines) == len(rows):
        try:
            table = np.loadtxt(lines, delimiter=",", usecols=wanted, comments=None, ndmin=2)
        except ValueError:
            pass
        else:
            numbers = iter(table.T)
            last = max(place for place in named if place is not None)
            cells = list(zip(*(line.split(",", last + 1)[: last + 1] for line in lines), strict=True))
            unknown = np.full(len(rows), np.nan)
            found = [unknown if place is None else np.ascontiguousarray(next(numbers)) for place in places]
            return _keys(cells, named, len(rows)), found
    columns = list(zip(*(row.split(",") if isinstance(row, str) else row for row in rows), strict=True))
    unknown = np.full(len(rows), np.nan)
    stamp, *others = places
    return (
        _keys(columns, named, len(rows)),
        [
            unknown if stamp is None else _moments(columns[stamp]),
            *(unknown if place is None else _numbers(columns[place]) for place in others),
        ],
    )


def _keys(columns: Sequence[Sequence[str]], named: Sequence[int | None], length: int) -> Iterable[Key]:
    method, name = ([""] * length if place is None else columns[place] for place in named)
    return zip(method, name, strict=True)


def _numbers(column: Sequence[str]) -> Floats:
    try:
        return np.fromiter(map(float, column), np.float64, len(column))
    except ValueError:  # N/A, or something that is no number
        return np.fromiter(map(number_of, column), np.float64, len(column))


def _moments(column: Sequence[str]) -> Floats:
    """Times as numbers, or as dates."""
    found = np.array([number_of(cell, math.inf) for cell in column], np.float64)
    for place in np.flatnonzero(np.isnan(found)).tolist():
        if (moment := moment_of(column[place])) is not None:
            found[place] = moment
    return found
