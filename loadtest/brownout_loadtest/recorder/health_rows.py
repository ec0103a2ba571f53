"""Rows of samples.csv about the health of brownout's own parts and of the machine."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable

from brownout_results.record import Sample
from brownout_results.record.table_rows import harness_sample
from brownout_terms.health import HealthSeconds, Readings

Write = Callable[[list[Sample]], None]


class HealthRows:
    """Makes a row a second of what each part tells, whenever it does."""

    def __init__(self, write: Write) -> None:
        self._write = write
        self._parts: defaultdict[str, HealthSeconds] = defaultdict(HealthSeconds)

    def add(self, part: str, at: float, told: Readings, took_ms: float | None = None) -> None:
        """Take in what a part told, `at` seconds since the epoch; it was `took_ms` old when it came."""
        rows = [
            harness_sample(second, part, None, took_ms, figures)
            for second, figures in self._parts[part].add(at, told)
        ]
        if rows:
            self._write(rows)
