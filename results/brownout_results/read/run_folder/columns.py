"""Columns of a table: read from cells, kept in as few bytes as hold them, and given back as values.

A day of samples has a million cells a column; as objects of Python they take ten times the room.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from itertools import compress
from typing import Any, Protocol, Self

import msgspec
import numpy as np
from numpy.typing import NDArray

from brownout_results.record.compact_arrays import Ints, Small, by_first, smallest

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
Counts = dict[str, int]


class Column(Protocol):
    """A column, or a part of it."""

    @classmethod
    def of(cls, cells: Sequence[str]) -> Self:
        """Make a column of these cells. Raises `ValueError` if one can't be read."""
        ...

    @classmethod
    def joined(cls, parts: Sequence[Self]) -> Self:
        """Join parts, of which there is at least one."""
        ...

    def where(self, keep: Mask) -> Self:
        """Return the part in these rows."""
        ...

    def values(self, rows: slice) -> Sequence[Any]:
        """Return the values of these rows; None means "not known"."""
        ...


class Whole:
    """Whole numbers, one in each row."""

    def __init__(self, held: Small) -> None:
        self._held = held

    @classmethod
    def of(cls, cells: Sequence[str]) -> Self:
        return cls(smallest(_ints(list(map(int, cells)))))

    @classmethod
    def joined(cls, parts: Sequence[Self]) -> Self:
        return cls(np.concatenate([part._held for part in parts]))

    def where(self, keep: Mask) -> Self:
        return type(self)(self._held[keep])

    def values(self, rows: slice) -> Sequence[int]:
        values: list[int] = self._held[rows].tolist()
        return values

    def ints(self) -> Ints:
        """The numbers."""
        return self._held.astype(np.int64)


class MaybeWhole:
    """Whole numbers; in some rows none."""

    def __init__(self, held: Small, known: Mask) -> None:
        self._held = held
        self.known = known

    @classmethod
    def of(cls, cells: Sequence[str]) -> Self:
        known = np.array(list(map(bool, cells)), bool)
        return cls(smallest(_ints([int(cell) if cell else 0 for cell in cells])), known)

    @classmethod
    def joined(cls, parts: Sequence[Self]) -> Self:
        known = np.concatenate([part.known for part in parts])
        return cls(np.concatenate([part._held for part in parts]), known)

    def where(self, keep: Mask) -> Self:
        return type(self)(self._held[keep], self.known[keep])

    def values(self, rows: slice) -> Sequence[int | None]:
        pairs = zip(self._held[rows].tolist(), self.known[rows].tolist(), strict=True)
        return [value if known else None for value, known in pairs]

    def ints(self) -> Ints:
        """The numbers, 0 where there is none."""
        return self._held.astype(np.int64)


class MaybeFloat:
    """Numbers; in some rows none."""

    def __init__(self, floats: Floats) -> None:
        unknown = len(floats) > 1 and bool(np.isnan(floats).all())  # many columns are another kind of row's
        self.floats = np.broadcast_to(np.float64(np.nan), floats.shape) if unknown else floats
        """NaN where there is none; not to be written to."""

    @classmethod
    def of(cls, cells: Sequence[str]) -> Self:
        return cls(np.array([float(cell) if cell else math.nan for cell in cells], np.float64))

    @classmethod
    def joined(cls, parts: Sequence[Self]) -> Self:
        return cls(np.concatenate([part.floats for part in parts]))

    def where(self, keep: Mask) -> Self:
        return type(self)(self.floats[keep])

    def values(self, rows: slice) -> Sequence[float | None]:
        return [None if math.isnan(value) else value for value in self.floats[rows].tolist()]


class Text:
    """Texts of which there are few different ones."""

    def __init__(self, codes: Small, names: Sequence[str]) -> None:
        self.codes = codes
        """Index of each row's text among the names."""

        self.names = names
        """The different texts, in the order in which they first occur."""

    @classmethod
    def of(cls, cells: Sequence[str]) -> Self:
        codes = {name: code for code, name in enumerate(dict.fromkeys(cells))}
        return cls(smallest(_ints([codes[cell] for cell in cells])), list(codes))

    @classmethod
    def joined(cls, parts: Sequence[Self]) -> Self:
        names = {name: code for code, name in enumerate(dict.fromkeys(n for one in parts for n in one.names))}
        codes = [_ints([names[name] for name in part.names])[part.codes] for part in parts]
        return cls(np.concatenate([smallest(part) for part in codes]), list(names))

    def where(self, keep: Mask) -> Self:
        codes = self.codes[keep]
        used = by_first(codes, len(self.names))
        place = np.zeros(len(self.names), np.int64)
        place[used] = np.arange(len(used))
        return type(self)(smallest(place[codes]), [self.names[code] for code in used.tolist()])

    def values(self, rows: slice) -> Sequence[str]:
        return [self.names[code] for code in self.codes[rows].tolist()]

    def is_in(self, *texts: str) -> Mask:
        """Return which rows have one of these texts."""
        chosen = np.array([name in texts for name in self.names], bool)
        return chosen[self.codes]


class CountsByName:
    """Numbers by name, as JSON: kept as text, since nearly all differ."""

    def __init__(self, blocks: Sequence[tuple[int, str]]) -> None:
        self._blocks = blocks
        """Blocks of rows: the number of rows, and their cells as lines."""

    @classmethod
    def of(cls, cells: Sequence[str]) -> Self:
        for cell in set(cells):
            _counts(cell)
        return cls([(len(cells), "\n".join(cells))])

    @classmethod
    def joined(cls, parts: Sequence[Self]) -> Self:
        return cls([block for part in parts for block in part._blocks])

    def where(self, keep: Mask) -> Self:
        blocks: list[tuple[int, str]] = []
        first = 0
        for size, text in self._blocks:
            part = keep[first : first + size]
            first += size
            kept = int(part.sum())
            if kept == size:
                blocks.append((size, text))
            elif kept:
                blocks.append((kept, "\n".join(compress(text.split("\n"), part.tolist()))))
        return type(self)(blocks)

    def values(self, rows: slice) -> Sequence[Counts]:
        return [_counts(cell) for cell in self._cells(rows)]

    def _cells(self, rows: slice) -> list[str]:
        start, stop, _ = rows.indices(sum(size for size, _ in self._blocks))
        found: list[str] = []
        first = 0
        for size, text in self._blocks:
            if size and first < stop and start < first + size:
                found += text.split("\n")[max(start - first, 0) : stop - first]
            first += size
        return found


_DECODER = msgspec.json.Decoder(Counts)


def _counts(cell: str) -> Counts:
    if not cell:
        return {}
    try:
        return _DECODER.decode(cell)
    except msgspec.DecodeError:  # a number that is not written as a whole one, or no counts at all
        try:
            return {str(name): int(count) for name, count in json.loads(cell).items()}
        except (AttributeError, TypeError, OverflowError, RecursionError) as error:
            raise ValueError(f"not counts: {cell[:60]!r}") from error


def _ints(values: list[int]) -> Ints:
    try:
        return np.array(values, np.int64)
    except OverflowError as error:
        raise ValueError("a number too large to be a count or a time") from error
