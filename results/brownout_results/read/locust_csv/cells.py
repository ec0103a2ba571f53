"""Rows of a CSV file of Locust's as cells, whatever wrote it: CRLF, blank rows, quotes of 0.x.

Bytes that are no UTF-8 survive as surrogates until `spelling` reads them in the encoding that they are in.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import NamedTuple, TextIO

from .opened import LARGEST_CELL, open_text


class CsvRow(NamedTuple):
    """A row, and where it ends in the file."""

    number: int
    cells: list[str]


def lines(path: Path) -> Iterator[CsvRow]:
    """The rows that are not blank, the header first. Raises `LocustCsvError` if the file can't be opened."""
    with open_text(path) as file:
        first = next((line for line in file if line.strip()), "")
        file.seek(0)
        yield from _quoted(file) if first.startswith('"') else _usual(file)


def blocks(path: Path, size: int) -> Iterator[tuple[Sequence[int], list[str] | list[list[str]]]]:
    """The rows below the header, about so many at once: their numbers, and the lines as they are if there is
    no quote in them, else their cells. Raises `LocustCsvError`."""
    with open_text(path) as file:
        number, first = next(((at, line) for at, line in enumerate(file, start=1) if line.strip()), (1, ""))
        if first.startswith('"'):
            file.seek(0)
            rows = _quoted(file)
            next(rows, None)
            yield from _many(rows, size)
            return
        while chunk := list(islice(file, size)):
            if '"' in "".join(chunk):
                yield from _many(_usual(chain(chunk, file), number), size)
                return
            filled = [place for place, text in enumerate(chunk, start=number + 1) if not text.isspace()]
            yield filled, [chunk[place - number - 1].rstrip("\r\n") for place in filled]
            number += len(chunk)


def _many(rows: Iterator[CsvRow], size: int) -> Iterator[tuple[Sequence[int], list[list[str]]]]:
    while block := list(islice(rows, size)):
        yield [line.number for line in block], [line.cells for line in block]


def _usual(file: Iterable[str], before: int = 0) -> Iterator[CsvRow]:
    csv.field_size_limit(LARGEST_CELL)
    reader = csv.reader(file)
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield CsvRow(before + reader.line_num, [])
            continue
        if cells and cells != [""]:
            yield CsvRow(before + reader.line_num, cells)


def _quoted(file: TextIO) -> Iterator[CsvRow]:
    """Locust up to 1.1 put quotes around names without doubling those inside: `"GET","a "b", c",7,0`. Only
    names (and errors) can hold commas, so the cells before and after are counted from both ends."""
    before = after = 0
    pair = False
    for number, line in enumerate(file, start=1):
        text = line.strip("\r\n")
        if not text:
            continue
        if not before + after:
            header = [cell.strip().strip('"') for cell in text.split(",")]
            names = [cell.lower() for cell in header]
            place = names.index("name") if "name" in names else 0
            pair = names[place + 1 : place + 2] == ["error"]
            before, after = place, len(header) - place - 1 - pair
            yield CsvRow(number, header)
            continue
        yield CsvRow(number, _from_both_ends(text, before, after, pair))


def _from_both_ends(text: str, before: int, after: int, pair: bool) -> list[str]:
    *left, rest = text.split(",", before)
    middle, *right = rest.rsplit(",", after) if after else [rest]
    both = middle.split('","', 1) if pair else [middle]
    return [_bare(cell) for cell in (*left, *both, *right)]


def _bare(cell: str) -> str:
    inside = cell[1:-1] if len(cell) > 1 and cell[0] == cell[-1] == '"' else cell.strip('"')
    is_doubled = '"' in inside and '"' not in inside.replace('""', "")
    return inside.replace('""', '"') if is_doubled else inside
