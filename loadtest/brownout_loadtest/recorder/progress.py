"""A line of JSON each second about the run, for whoever shows it: the terminal block of `brownout run`.

The first line of a run is `{"folder": PATH}`, its run folder; the others are what `Progress.report` returns.

Before the first one, a line names the run's folder. They go to a file descriptor that the parent process
opened (`BROWNOUT_PROGRESS_FD`). A parent that is slow or gone costs lines, never load.
"""

from __future__ import annotations

import json
import os
from collections import Counter, deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from brownout_results.record import Histogram, LoadRow

from .tally import SecondTally

WINDOW_S = 3
"""Rates and percentiles are of the last so many whole seconds: few enough to see a fault at once."""

PERCENTS = {"p50_ms": 50.0, "p95_ms": 95.0, "p99_ms": 99.0}


class Progress:
    """What the last seconds looked like."""

    def __init__(self, started: float) -> None:
        """`started` in seconds since the epoch."""
        self._started = started
        self._parts: deque[SecondTally] = deque()
        self._rows: deque[LoadRow] = deque()
        self._outcomes: Counter[str] = Counter()
        self._dropped = 0

    def add(self, parts: Sequence[SecondTally], rows: Sequence[LoadRow]) -> None:
        """Take in what has been written."""
        self._parts.extend(parts)
        self._rows.extend(rows)
        for part in parts:
            self._outcomes[part.key[0]] += part.requests
        self._dropped += sum(row.dropped for row in rows)

    def report(self, closed: int, users: int, workers: int, breakers: Mapping[str, str]) -> dict[str, Any]:
        """The state of things just before second `closed`."""
        first = max(closed - WINDOW_S, int(self._started))
        self._parts = deque(part for part in self._parts if part.second >= first)
        self._rows = deque(row for row in self._rows if row.second >= first)
        latency = Histogram.sum(part.latency for part in self._parts)
        ended = sum(part.requests for part in self._parts)
        good = sum(part.requests for part in self._parts if part.key[0] == "ok")
        length = max(closed - first, 1)
        percentiles = zip(PERCENTS, latency.percentiles_us(list(PERCENTS.values())), strict=True)
        return {
            "t": closed,
            "elapsed_s": round(closed - self._started, 3),
            "users": users,
            "workers": workers,
            "offered": round(sum(row.offered for row in self._rows) / length, 1),
            "throughput": round(ended / length, 1),
            "goodput": round(good / length, 1),
            **{name: round(value / 1000, 3) if latency.count else None for name, value in percentiles},
            "outcomes": dict(self._outcomes),
            "dropped": self._dropped,
            "breakers": dict(breakers),
        }


class ProgressPipe:
    """Where the lines go."""

    def __init__(self, fd: int) -> None:
        os.set_blocking(fd, False)
        self._fd = fd

    def send(self, report: Mapping[str, Any]) -> None:
        """One line; not sent if the pipe is full or nobody reads it any more."""
        with suppress(OSError):
            os.write(self._fd, json.dumps(report).encode() + b"\n")
