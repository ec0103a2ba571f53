"""When each request of an open-loop load is due: pure, and the same on every worker.

The rate follows a line of straight pieces, so its integral Λ is a parabola on each of them and has a closed
inverse. An arrival is due at Λ⁻¹(m), where the marks m are ½, 1½, 2½, … for evenly spaced arrivals, and the
points of a Poisson process of rate 1 for Poisson arrivals (time change of a unit-rate process; Çınlar,
"Introduction to Stochastic Processes", 1975, section 4.7).

Marks are made in blocks, each with a seed of its own, so that a worker that joins after an hour starts
there without counting through the hour. A Poisson process has no memory: begun afresh at every block it is
still one.
"""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from brownout_loadtest.shapes.polyline import Polyline

Process = Literal["constant", "poisson"]
PROCESSES: tuple[Process, ...] = ("constant", "poisson")

BLOCK = 1024
"""Expected arrivals in a block: their seeding costs nothing beside them, and skipping one is quick."""


@dataclass(frozen=True)
class Schedule:
    """Arrivals at `rate` per second times the level of `line`, until `end` seconds (None: without end)."""

    rate: float
    line: Polyline
    process: Process
    seed: int
    end: float | None

    def arrivals(self, since: float = 0.0) -> Iterator[tuple[int, float]]:
        """(number, due) of each arrival: its number in its block, and its second since the start.

        Dues never decrease. With `since`, from the block on in which that second lies.
        """
        numbered = self._numbered_marks(int(self.expected(since) // BLOCK))
        number, mark = next(numbered)
        for start, width, low, high, passed in self._pieces():
            while mark < passed + (low + high) / 2 * width:
                due = start + _inverse(mark - passed, width, low, high)
                if self.end is not None and due >= self.end:
                    return
                yield number, due
                number, mark = next(numbered)

    def expected(self, second: float) -> float:
        """Λ: how many arrivals are expected until a second."""
        total = 0.0
        for start, width, low, high, passed in self._pieces():
            x = min(second - start, width)
            if x < 0:
                break
            rise = (high - low) * x / width if 0 < width < math.inf else 0.0
            total = passed + (low + rise / 2) * x
        return total

    def _numbered_marks(self, block: int) -> Iterator[tuple[int, float]]:
        while True:
            yield from enumerate(self._marks(block))
            block += 1

    def _marks(self, block: int) -> Iterator[float]:
        """The values of Λ in one block at which arrivals are due."""
        first = float(block * BLOCK)
        if self.process == "constant":
            for index in range(BLOCK):
                yield first + index + 0.5
            return
        uniform = random.Random(f"{self.seed}:{block}").random
        mark = first - math.log(1.0 - uniform())
        while mark < first + BLOCK:
            yield mark
            mark -= math.log(1.0 - uniform())

    def _pieces(self) -> Iterator[tuple[float, float, float, float, float]]:
        """(start, width, rate at its start, rate at its end, Λ at its start) of each straight piece."""
        line = self.line
        passed = 0.0
        for (start, low), (stop, high) in itertools.pairwise(line):
            yield start, stop - start, low * self.rate, high * self.rate, passed
            passed += (low + high) / 2 * self.rate * (stop - start)
        last, level = line[-1]
        if level > 0:
            yield last, math.inf, level * self.rate, level * self.rate, passed


def _inverse(area: float, width: float, low: float, high: float) -> float:
    """The x at which the integral of a rate that goes from `low` to `high` over `width` reaches `area`.

    x solves low·x + slope·x²/2 = area; in this form nothing cancels when the slope or `low` is near 0.
    """
    if area == 0:
        return 0.0
    slope = 0.0 if low == high else (high - low) / width
    return 2 * area / (low + math.sqrt(max(0.0, low * low + 2 * slope * area)))
