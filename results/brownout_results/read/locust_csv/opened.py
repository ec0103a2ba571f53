"""Files as text, however they were kept: compressed, in UTF-16, with `;` or tabs, with decimal commas.

What leaves this module is what Locust writes: commas between cells and points in numbers. Lines keep their
numbers.
"""

from __future__ import annotations

import csv
import io
import re
import zlib
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import TextIO

from .errors import LocustCsvError
from .headers import Header, header_of

LARGEST_CELL = 16 * 2**20
"""A traceback can be longer than the csv module's own limit of 128 KiB."""

LARGEST_FILE = 2 * 2**30
"""The most that a compressed file may contain: a day of Locust's full history is a tenth of it."""

PREFACE = 5
"""Lines before the header that are no part of the table: a title, a comment, `sep=;`."""

GZIP = b"\x1f\x8b"
DELIMITERS = ",;\t|"

_SEPARATOR = re.compile(r'"?sep=(.)"?', re.IGNORECASE)
_GROUPED = re.compile(r"[+-]?\d{1,3}(?:[.\u00a0\u202f ]\d{3})+(?:,\d+)?")
_DECIMAL = re.compile(r"[+-]?\d+,\d+(?:[eE][+-]?\d+)?|[+-]?\d{1,3}(?:[.\u00a0\u202f ]\d{3})+,\d+")
_TEXTS = {"method", "name", "error", "message", "traceback", "nodes"}


def open_text(path: Path) -> TextIO:
    """The file as text with commas. Raises `LocustCsvError`."""
    try:
        with path.open("rb") as file:
            head = file.read(4096)
        encoding = _wide_encoding(head)
        if head.startswith(GZIP) or encoding:
            data = read_bytes(path)
            found: TextIO = io.StringIO(_decoded(data, encoding or _wide_encoding(data[:4096])), newline="")
        else:
            found = path.open(encoding="utf-8-sig", errors="surrogateescape", newline="")
    except OSError as error:
        raise LocustCsvError(f'"{path}" can\'t be read: {error.strerror or error}.') from error
    return _with_commas(found)


def read_bytes(path: Path) -> bytes:
    """What the file contains, decompressed as far as it is whole. Raises `LocustCsvError`, and OSError."""
    data = path.read_bytes()
    return _gunzipped(path, data) if data.startswith(GZIP) else data


def read_text(path: Path) -> str:
    """The same as text. Raises `LocustCsvError`, and OSError."""
    data = read_bytes(path)
    if encoding := _wide_encoding(data[:4096]):
        return _decoded(data, encoding)
    return data.decode("utf-8-sig", "surrogateescape")


def _gunzipped(path: Path, data: bytes) -> bytes:
    """Decompress every member; a file that was cut off gives what came before."""
    parts, length = [], 0
    while data.startswith(GZIP):
        one = zlib.decompressobj(wbits=31)
        try:
            parts.append(one.decompress(data, LARGEST_FILE - length))
        except zlib.error:
            break
        length += len(parts[-1])
        if one.unconsumed_tail:
            raise LocustCsvError(f'"{path}" contains more than {LARGEST_FILE >> 30} GiB. Decompress it.')
        data = one.unused_data
    return b"".join(parts)


def _wide_encoding(head: bytes) -> str | None:
    """The encoding of a text of two or four bytes a letter, by its mark, else by its zeros."""
    if head.startswith((b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff")):
        return "utf-32"
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    even, odd = head[::2], head[1::2]
    if len(head) < 16 or not (even.count(0) or odd.count(0)):
        return None
    if odd.count(0) > 0.9 * len(odd) and not even.count(0):
        return "utf-16-le"
    return "utf-16-be" if even.count(0) > 0.9 * len(even) and not odd.count(0) else None


def _decoded(data: bytes, encoding: str | None) -> str:
    if encoding is None:
        return data.decode("utf-8-sig", "surrogateescape")
    return data.decode(encoding, "replace").removeprefix("\ufeff")


def _with_commas(file: TextIO) -> TextIO:
    """The file itself if its cells are between commas, else a copy in which they are."""
    opening = list(islice((line.strip() for line in file if line.strip()), PREFACE + 1))
    file.seek(0)
    told = _SEPARATOR.fullmatch(opening[0]) if opening else None
    preface = 0
    delimiter = told[1] if told else ""
    for before, line in enumerate(opening[1:] if told else opening):
        if one := _delimiter(line, delimiter or DELIMITERS):
            delimiter, preface = one, before + bool(told)
            break
    is_spaced = len(opening) > preface and re.search(r"[\w\"]\s*,\s+[\w\"]", opening[preface]) is not None
    if delimiter in ("", ",") and not preface and not told and not is_spaced:
        return file
    with file:
        return _rewritten(file, delimiter or ",", preface or bool(told))


def _delimiter(first: str, among: str) -> str:
    """What stands between the cells of a header; empty if it is none."""
    return next((one for one in among if header_of(next(csv.reader([first], delimiter=one), []))), "")


def _rewritten(file: TextIO, delimiter: str, preface: int) -> TextIO:
    """Return the rows with commas between cells and points in numbers, each in the line that it was in."""
    rows = [(number, [cell.strip() for cell in row]) for number, row in _rows(file, delimiter)]
    header: Header | None = None
    numbers: Sequence[int] = ()
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    written = 0
    for number, row in rows:
        cells = row
        if preface and any(cells):
            preface, cells = preface - 1, []
        elif header is None and any(cells):
            header = header_of(cells)
            if (
                header
                and delimiter != ","
                and any(_DECIMAL.fullmatch(one) for _, row in rows[:1000] for one in row)
            ):
                numbers = [place for name, place in header.columns.items() if name not in _TEXTS]
        for place in numbers:
            if place < len(cells):
                cells[place] = _plain(cells[place])
        out.write("\n" * max(number - sum(cell.count("\n") for cell in cells) - 1 - written, 0))
        if any(cells):
            writer.writerow(cells)
        else:
            out.write("\n")
        written = number
    out.seek(0)
    return out


def _rows(file: TextIO, delimiter: str) -> list[tuple[int, list[str]]]:
    """The rows with the numbers of the lines in which they end; those that can't be read are empty."""
    csv.field_size_limit(LARGEST_CELL)
    reader = csv.reader(file, delimiter=delimiter, skipinitialspace=True)
    rows: list[tuple[int, list[str]]] = []
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return rows
        except csv.Error:
            cells = []
        rows.append((reader.line_num, cells))


def _plain(cell: str) -> str:
    """A number as Python reads it; in `1.234,5` the point is between thousands."""
    if _GROUPED.fullmatch(cell):
        return re.sub(r"[^\d,+-]", "", cell).replace(",", ".")
    return cell.replace(",", ".") if _DECIMAL.fullmatch(cell) else cell
