"""`PREFIX_stats_history.csv`, read in chunks: a day of eleven names is a million rows."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain, compress, islice
from pathlib import Path
from sys import intern

import numpy as np
from numpy.typing import NDArray

from .cells import blocks
from .dates import moments_of, readings
from .headers import Header
from .moments import moment_of
from .run import Floats
from .running_totals import Positions
from .written_numbers import LARGEST, NOTHING, have_decimal_commas, number_of

CHUNK = 20_000
FIRST = 200
"""Rows by which to tell whether endpoints have rows of their own."""
SHOWN = (50.0, 90.0, 95.0, 99.0, 99.9, 100.0)
"""Percentiles that are kept of each row; of a file with other columns, all."""

FEWEST = 3
TRUNCATED = 99.999
"""A column of the versions that cut means to whole numbers: 0.13.3 to 1.1."""

NO_METHOD = {"", "none", "n/a", "null", "aggregated", "total"}
NAMES_OF_TOTAL = {"aggregated", "total", "none", ""}
"""What people and tools make of the row of all requests, in lower case."""

DAY_S = 86_400
DATES = (20_000, 80_000)
"""Excel's numbers of the days from 1954 to 2119."""

EXCEL_EPOCH = 25_569
"""Its number of 1970-01-01."""

COMPACT = (1.9e13, 2.2e13)
"""Times such as 20261127140300."""

Key = tuple[str, str]


def is_total(method: str, name: str) -> bool:
    """Whether a row is that of all requests."""
    if method in ("", "None") and name in ("Aggregated", "Total"):
        return True
    return method.strip().lower() in NO_METHOD and name.strip().lower() in NAMES_OF_TOTAL


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
    told: Sequence[str] = ()
    """What to know about its times."""

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
    dates: list[tuple[int, str]] = []
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
            if not np.isfinite(found[0]).all():
                again, written = _no_numbers(rows, places_of_rows, header, np.isnan(found[0]))
                headers += again
                dates += written
    values = _joined(parts, len(places))
    key_of, line_of = (np.concatenate(one) if one else np.empty(0, np.int64) for one in (keys, lines))
    stamps, *others = values
    stamps = _seconds(stamps)
    told: list[str] = []
    if dates:
        at_dates = np.searchsorted(line_of, [number for number, _ in dates])
        found_moments, told = _moments(dates, path.name, is_mixed=bool(np.isfinite(stamps).any()))
        stamps[at_dates] = found_moments
    users, requests, failed, highest, lowest, means, sizes, *rest = map(_possible, others)
    whole = HistoryTable(
        keys=list(numbers),
        key_of=key_of,
        stamps=stamps,
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
        told=told,
    )
    return _countable(whole)


def _joined(parts: Sequence[list[Floats]], columns: int) -> list[Floats]:
    """The columns of all blocks, which are emptied on the way: a day's would be in memory twice."""
    found = []
    for place in reversed(range(columns)):
        pieces = [part.pop(place) for part in parts]
        found.append(np.concatenate(pieces) if pieces else np.empty(0))
    return found[::-1]


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


def _no_numbers(
    rows: Sequence[str | list[str]], at: Sequence[int], header: Header, which: NDArray[np.bool_]
) -> tuple[list[int], list[tuple[int, str]]]:
    """Tell the lines that are headers again from other rows without a number as time, with these' times."""
    place = header.columns["timestamp"]
    texts = [
        (number, intern((row.split(",") if isinstance(row, str) else row)[place].strip(' "')))
        for number, row in compress(zip(at, rows, strict=True), which.tolist())
    ]
    headers = [number for number, text in texts if text.lower() == "timestamp"]
    return headers, [(number, text) for number, text in texts if text.lower() != "timestamp"]


def _moments(dates: Sequence[tuple[int, str]], name: str, *, is_mixed: bool) -> tuple[list[float], list[str]]:
    """Times that are written as dates, and what to know about them."""
    texts = [text for _, text in dates]
    found, at_open = moments_of(texts)
    if at_open is not None:
        line, text = dates[at_open]
        both = readings(text)
        what = f'"{text}" may be {" or ".join(both)}, so only its time of day is read'
        return found, [f"{name}, line {line}: {what} (write dates as in {both[0]} to have them read)"]
    if not is_mixed and not np.isfinite(found).any() and any(text.lower() not in NOTHING for text in texts):
        allowed = "times are seconds since 1970, or dates such as 2026-11-27 14:03:00"
        return found, [f'{name}, line {dates[0][0]}: "{texts[0][:40]}" is not a time ({allowed})']
    return found, []


def _seconds(stamps: Floats) -> Floats:
    """Times since the epoch in seconds: they may be in milliseconds and less, in days, or digits of dates."""
    known = stamps[np.isfinite(stamps)]
    if not len(known):
        return np.where(np.isfinite(stamps), stamps, np.nan)
    steps = np.diff(np.unique(known))
    low, high = known.min(), known.max()
    if DATES[0] <= low and high < DATES[1] and len(steps) and np.median(steps) < 0.1:
        return np.where(np.isfinite(stamps), np.round((stamps - EXCEL_EPOCH) * DAY_S, 1), np.nan)
    if COMPACT[0] <= low and high < COMPACT[1]:
        return np.array([_compact(stamp) for stamp in stamps.tolist()], np.float64)
    with np.errstate(invalid="ignore"):
        scale = np.select([stamps >= 1e17, stamps >= 1e14, stamps >= 1e11], [1e9, 1e6, 1e3], 1.0)
    return np.where(np.isfinite(stamps), stamps / scale, np.nan)


def _compact(stamp: float) -> float:
    """Seconds since the epoch of 20261127140300; NaN if it is no date."""
    text = f"{stamp:.0f}"
    moment = moment_of(f"{text[:8]}T{text[8:]}") if math.isfinite(stamp) else None
    return math.nan if moment is None else moment


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
    commas = any(have_decimal_commas(columns[place]) for place in wanted)
    return (
        _keys(columns, named, len(rows)),
        [
            unknown if stamp is None else _numbers(columns[stamp], commas, math.inf),
            *(unknown if place is None else _numbers(columns[place], commas) for place in others),
        ],
    )


def _keys(columns: Sequence[Sequence[str]], named: Sequence[int | None], length: int) -> Iterable[Key]:
    method, name = ([""] * length if place is None else columns[place] for place in named)
    return zip(method, name, strict=True)


def _numbers(column: Sequence[str], has_decimal_commas: bool, largest: float = LARGEST) -> Floats:
    try:
        return np.fromiter(map(float, column), np.float64, len(column))
    except ValueError:  # N/A, or something that is no number
        read = partial(number_of, largest=largest, has_decimal_commas=has_decimal_commas)
        return np.fromiter(map(read, column), np.float64, len(column))
