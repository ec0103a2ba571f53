"""Reads `latency.hlog`, many lines at once: a day of ten endpoints has two million."""

from __future__ import annotations

import numpy as np

from brownout_results.record import latency_log
from brownout_results.record.compact_arrays import Ints
from brownout_results.record.histogram_encoding import decode

from .intervals import Intervals, IntervalsBuilder, Parts

CELLS = 5
TAG, START, PAYLOAD = 0, 1, 4
"""Where in a line they are."""


class LogReader:
    """Takes a log block by block."""

    def __init__(self) -> None:
        self._builder = IntervalsBuilder()
        self._numbers = _Numbers(self._builder)

    def add(self, block: str) -> None:
        """Lines, each with its end. Raises `ValueError`, and takes none of them, if one can't be read.

        A block with comments among its lines can't be read either, a comment alone can.
        """
        if block.count("\n") == 1 and latency_log.is_comment(block):
            return
        cells = block.replace("\n", ",\n,").split(",")
        width = CELLS + 1  # and the line's end
        lines = len(cells) // width
        if len(cells) != lines * width + 1 or cells[CELLS::width] != ["\n"] * lines:
            raise ValueError(f"not {CELLS} cells a line")
        numbers = [self._numbers[tag] for tag in cells[TAG:-1:width]]
        self._builder.add(numbers, _seconds(cells[START::width]), decode(cells[PAYLOAD::width]))

    def parts(self) -> Parts:
        """What was taken."""
        return self._builder.parts()

    def read(self) -> Intervals:
        """What was taken. Nothing can be added after that."""
        return self._builder.built()


class _Numbers(dict[str, int]):
    """The number of the series of each first cell of a line: a run has few, each on thousands of lines."""

    def __init__(self, builder: IntervalsBuilder) -> None:
        super().__init__()
        self._builder = builder

    def __missing__(self, cell: str) -> int:
        if not cell.startswith(latency_log.TAG):
            raise ValueError(f"not a tag: {cell[:60]!r}")
        number = self._builder.number_of(latency_log.Series.of_tag(cell.removeprefix(latency_log.TAG)))
        self[cell] = number
        return number


def _seconds(cells: list[str]) -> Ints:
    # Many lines are of one second.
    starts = {cell: float(cell) for cell in dict.fromkeys(cells)}
    if not all(abs(start) < 1 << 53 for start in starts.values()):
        raise ValueError("not a time")
    seconds = {cell: int(start) for cell, start in starts.items()}
    return np.array([seconds[cell] for cell in cells], np.int64)
