"""A table of a run folder: its rows as tuples, kept column by column."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Generic, Self, TypeVar, overload

from brownout_results.record.compact_arrays import Ints

from .columns import Column, CountsByName, Floats, Mask, MaybeFloat, MaybeWhole, Text, Whole

T = TypeVar("T")
C = TypeVar("C", bound=Column)
K = TypeVar("K", bound="ColumnTable[Any]")

ROWS = 4096
"""Rows made at once when all are iterated over."""


class ColumnTable(Sequence[T]):
    """The rows, in the order of the file; a sub-class says what they and their columns are."""

    row: Callable[..., T]
    kinds: Mapping[str, type[Column]]
    """The kind of column of each field of a row."""

    def __init__(self, columns: Mapping[str, Column], length: int) -> None:
        self._columns = columns
        self._length = length

    def __len__(self) -> int:
        return self._length

    @overload
    def __getitem__(self, at: int) -> T: ...

    @overload
    def __getitem__(self, at: slice) -> list[T]: ...

    def __getitem__(self, at: int | slice) -> T | list[T]:
        if isinstance(at, slice):
            rows = range(self._length)[at]
            is_stretch = rows.step == 1 and len(rows) > 0
            return self._rows(slice(rows.start, rows.stop)) if is_stretch else [self[one] for one in rows]
        number = range(self._length)[at]
        return self._rows(slice(number, number + 1))[0]

    def __iter__(self) -> Iterator[T]:
        for first in range(0, self._length, ROWS):
            yield from self._rows(slice(first, min(first + ROWS, self._length)))

    def where(self, keep: Mask) -> Self:
        """The table without the other rows."""
        columns = {name: column.where(keep) for name, column in self._columns.items()}
        return type(self)(columns, int(keep.sum()))

    def ints(self, name: str) -> Ints:
        """A column of whole numbers; 0 where there is none."""
        column = self._columns[name]
        if not isinstance(column, Whole | MaybeWhole):
            raise TypeError(f"{name} is no column of whole numbers")
        return column.ints()

    def known(self, name: str) -> Mask:
        """Where a column of whole numbers, which lacks some, has one."""
        return self._column(name, MaybeWhole).known

    def floats(self, name: str) -> Floats:
        """A column of numbers; NaN where there is none."""
        return self._column(name, MaybeFloat).floats

    def text(self, name: str) -> Text:
        """A column of texts."""
        return self._column(name, Text)

    def counts(self, name: str) -> Sequence[dict[str, int]]:
        """A column of numbers by name."""
        return self._column(name, CountsByName).values(slice(None))

    def _column(self, name: str, kind: type[C]) -> C:
        column = self._columns[name]
        if not isinstance(column, kind):
            raise TypeError(f"{name} is a column of another kind")
        return column

    def _rows(self, rows: slice) -> list[T]:
        columns = [column.values(rows) for column in self._columns.values()]
        return [self.row(*values) for values in zip(*columns, strict=True)]


class TableReader(Generic[K]):
    """Takes a table block by block; columns are found by name, so that later versions can add some."""

    def __init__(self, kind: type[K]) -> None:
        self._kind = kind
        self._parts: list[tuple[int, list[Column]]] = []
        self._places: list[int | None] = []
        self._width = 0

    def begin(self, header: str) -> None:
        """The line that names the columns. Raises `ValueError` if it lacks the first of ours."""
        (names,) = _rows(f"{header}\n")
        places = {name: number for number, name in enumerate(names)}
        if (needed := next(iter(self._kind.kinds))) not in places:
            raise ValueError(f"there is no column {needed}")
        self._places = [places.get(field) for field in self._kind.kinds]
        self._width = len(names)

    def add(self, block: str) -> None:
        """Lines, each with its end. Raises `ValueError`, and takes none of them, if one can't be read."""
        rows = _rows(block)
        if set(map(len, rows)) != {self._width}:
            raise ValueError(f"not {self._width} cells in each line")
        cells: list[Sequence[str]] = list(zip(*rows, strict=True))
        missing = [""] * len(rows)
        columns = [
            kind.of(missing if place is None else cells[place])
            for kind, place in zip(self._kind.kinds.values(), self._places, strict=True)
        ]
        self._parts.append((len(rows), columns))

    def read(self) -> K:
        """What was taken. Nothing can be added after that."""
        kinds = self._kind.kinds
        parts = [(0, [kind.of([]) for kind in kinds.values()]), *self._parts]
        self._parts = []
        columns: dict[str, Column] = {}
        for name, kind in kinds.items():
            columns[name] = kind.joined([part.pop(0) for _, part in parts])
        return self._kind(columns, sum(length for length, _ in parts))


def _rows(block: str) -> list[list[str]]:
    """The cells of each line; a quoted cell ends with its line at the latest."""
    lines = block.split("\n")[:-1]
    try:
        rows = list(csv.reader(lines))
    except csv.Error as error:
        raise ValueError(f"not a line of a table: {error}") from error
    if len(rows) != len(lines):
        raise ValueError("a cell goes on in the next line")
    return rows
