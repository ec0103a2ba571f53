"""The tables of the whole run: requests (`_stats.csv`; once two files), failures, exceptions."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from brownout_results.read.exceptions import UserException
from brownout_results.read.failures import Failure

from .cells import lines
from .headers import Header, Kind, header_of
from .history_file import Key, is_total
from .moments import moment_of
from .run import RequestStats
from .written_numbers import NOTHING, have_decimal_commas, number_of

TEXTS = ("method", "name")


@dataclass
class Totals:
    """The parts of a run, by method and name; what could not be read."""

    parts: dict[Key, RequestStats] = field(default_factory=dict)
    total: RequestStats | None = None
    problems: list[str] = field(default_factory=list)


def read_totals(path: Path, header: Header, distribution: tuple[Path, Header] | None) -> Totals:
    """The table of requests, with the percentiles of a distribution of its own if there is one."""
    found = Totals()
    columns = header.columns
    percentiles = _distribution(distribution, found) if distribution else {}
    counts_apart = False
    rows = list(_whole(path, header, found.problems))
    places = [*(place for name, place in columns.items() if name not in TEXTS), *header.percents.values()]
    commas = have_decimal_commas(cells[place] for _, cells in rows for place in places)
    found.problems += _no_numbers(path, rows, places)
    for number, cells in rows:
        value = {name: number_of(cells[place], has_decimal_commas=commas) for name, place in columns.items()}
        if not (0 <= value["requests"] < math.inf and 0 <= value["failed"] < math.inf):
            found.problems.append(f"{path.name}, line {number}: its counts are not numbers; it is left out")
            continue
        method, name = cells[columns["method"]], cells[columns["name"]]
        own = _percentiles(cells, header, commas) if header.percents else percentiles.get((method, name), {})
        if list(own.values()) != sorted(own.values()):
            found.problems.append(f"{path.name}, line {number}: its percentiles fall, so it is cut off")
            own = {}
        is_all = is_total(method, name)
        counts_apart = (
            counts_apart
            or (name == "Total" and header.kind is Kind.REQUESTS)
            or value["failed"] > value["requests"]
        )
        part = RequestStats(
            method="" if is_all else method,
            name="" if is_all else name,
            requests=int(value["requests"]),
            failed=int(value["failed"]),
            mean_ms=_some(value.get("mean")),
            min_ms=_some(value.get("min")),
            max_ms=_some(value.get("max")),
            size=_some(value.get("size")),
            rate=_some(value.get("requests/s")),
            percentiles_ms=own if value["requests"] else {},
        )
        if is_all:
            found.total = part
        else:
            found.parts[method, name] = part
    return _all_counted(found, path) if counts_apart else found


def _no_numbers(path: Path, rows: Sequence[tuple[int, list[str]]], places: Sequence[int]) -> list[str]:
    """A sentence on cells that are meant as numbers and are none; none if all can be read."""
    bad = [
        (number, cells[place])
        for number, cells in rows
        for place in places
        if cells[place].strip().lower() not in NOTHING and math.isnan(number_of(cells[place]))
    ]
    if not bad:
        return []
    number, cell = bad[0]
    more = f", nor are {len(bad) - 1:,} others" if len(bad) > 1 else ""
    return [f'{path.name}, line {number}: "{cell[:40]}" is not a number{more}; they are left out']


def _all_counted(found: Totals, path: Path) -> Totals:
    """Locust up to 0.11 counts as requests those that succeeded."""
    parts = {key: _with_failures(part) for key, part in found.parts.items()}
    total = found.total and _with_failures(found.total)
    told = (
        f"{path.name}: this version of Locust counts failures apart from requests, so both are added up; "
        "its latencies are those of successes only"
    )
    return Totals(parts, total, [*found.problems, told])


def _with_failures(part: RequestStats) -> RequestStats:
    requests = part.requests + part.failed
    rate = part.rate * requests / part.requests if part.rate and part.requests else None
    return replace(part, requests=requests, rate=rate)


def read_failures(path: Path, header: Header, problems: list[str]) -> list[Failure]:
    """The table of failures."""
    places = [header.columns[name] for name in ("method", "name", "error", "occurrences")]
    seen = [header.columns[name] for name in ("first seen", "last seen") if name in header.columns]
    found = []
    for number, cells in _whole(path, header, problems):
        method, name, error, occurrences = (cells[place] for place in places)
        if not math.isfinite(count := number_of(occurrences)):
            problems.append(
                f'{path.name}, line {number}: "{occurrences[:40]}" is not a count; it is left out'
            )
            continue
        found.append(Failure(method, name, error, int(count), *(moment_of(cells[place]) for place in seen)))
    return found


def read_exceptions(path: Path, header: Header, problems: list[str]) -> list[UserException]:
    """The table of exceptions of the users' own code."""
    places = [header.columns.get(name) for name in ("count", "message", "traceback", "nodes")]
    found = []
    for _, cells in _whole(path, header, problems):
        count, *texts = ("" if place is None else cells[place] for place in places)
        if math.isfinite(number := number_of(count)):
            found.append(UserException(int(number), *texts))
    return found


def _distribution(source: tuple[Path, Header], found: Totals) -> dict[Key, dict[float, float]]:
    path, header = source
    percentiles = {}
    for _, cells in _whole(path, header, found.problems):
        whole_name = cells[header.columns["name"]]
        method, _, name = whole_name.partition(" ")
        key = ("None", whole_name) if whole_name in ("Total", "Aggregated") else (method, name)
        percentiles[key] = _percentiles(cells, header)
    return percentiles


def _whole(path: Path, header: Header, problems: list[str]) -> Iterator[tuple[int, list[str]]]:
    """The rows of the table; of several in one file, of the last."""
    rows = lines(path)
    next(rows, None)
    bad: list[int] = []
    whole: list[tuple[int, list[str]]] = []
    tables = 1
    for number, cells in rows:
        if len(cells) != header.length:
            bad.append(number)
        elif (again := header_of(cells)) and again.kind is header.kind:
            whole, tables = [], tables + (1 if whole else 0)
        else:
            whole.append((number, cells))
    if tables > 1:
        problems.append(
            f"{path.name} contains {tables} tables, one below the other; the last of them is read "
            "(put each into a file of its own to read the others)"
        )
    problems += damaged(path, bad)
    yield from whole


def damaged(path: Path, bad: Sequence[int], last_line: int | None = None) -> list[str]:
    """A sentence on the lines that can't be read; none if all could."""
    if not bad:
        return []
    known = [number for number in bad if number > 0]
    where = f", the first is line {known[0]}" if known else ""
    if len(bad) == 1:
        cut = " (the file was cut off)" if bad[0] == last_line else ""
        where = f": line {known[0]}{cut}" if known else ""
        return [f"{path.name}: a line can't be read{where}; it is left out"]
    return [f"{path.name}: {len(bad):,} lines can't be read{where}; they are left out"]


def _percentiles(
    cells: Sequence[str], header: Header, has_decimal_commas: bool = False
) -> dict[float, float]:
    values = {
        percent: number_of(cells[place], has_decimal_commas=has_decimal_commas)
        for percent, place in header.percents.items()
    }
    return {percent: value for percent, value in values.items() if not math.isnan(value)}


def _some(value: float | None) -> float | None:
    return None if value is None or math.isnan(value) else value
