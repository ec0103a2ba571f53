"""A load test according to Locust's own files.

A row of Locust's history is not always a second: rows of some versions are two seconds apart, and seconds go
missing when the load generator is busy. So rows have a start and a width, and rates are counts over widths.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from brownout_results.read.exceptions import UserException
from brownout_results.read.failures import Failure

from .since_start import SinceStart

Floats = NDArray[np.float64]

WINDOW_S = 10
"""Percentiles in a row of the history cover about this many seconds before its end."""

GENERATIONS = {
    "G0": "Locust 0.8 to 0.13.2",
    "G1": "Locust 0.13.3 to 0.14.6",
    "G2": "Locust 1.0 to 1.1",
    "G3": "Locust 1.2 to 1.4.1",
    "G4": "Locust 1.4.2 to 2.43.4",
    "G5": "Locust 2.44 or newer",
    "G3 to G5": "Locust 1.2 or newer",
    "G2 to G5": "Locust 1.0 or newer",
}
"""What the generation of the files says of the version that wrote them."""


class Lack(StrEnum):
    """Something that the files do not tell; the value is the sentence in the report."""

    NO_HISTORY = (
        "There is no history (PREFIX_stats_history.csv), so nothing is known over time: no phases, no "
        "recovery, and no rate without a duration"
    )
    PERCENTILES_CUMULATIVE = (
        "Percentiles cumulative: those in the history count from the start of the run, so latency over time "
        "is known as a mean, and as bounds of p95 where they say something; recovery can't be read from "
        "them (Locust 2.2.2 and newer write percentiles of the moment with --csv-full-history)"
    )
    NO_ENDPOINT_HISTORY = (
        "The history has the total only, so nothing is known over time about single endpoints (run Locust "
        "with "
        "--csv-full-history)"
    )
    NO_PERCENTILES = "The files have no percentiles of the whole run"
    NO_FAILURES = "There is no table of failures (PREFIX_failures.csv), so the causes are not known"
    PERCENTILES_NOT_CUT = (
        "The files have percentiles of the whole run only; without its beginning there are none"
    )
    RATES_SMOOTHED = (
        "Rates over time are those that Locust's page draws: means of about ten seconds, one every five "
        "seconds"
    )
    NO_FALLBACKS = (
        "Locust records only successes and failures: fallbacks, retries and breakers are not in these files"
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class RequestStats:
    """All requests, or those of one endpoint."""

    method: str = ""
    name: str = ""
    requests: int
    failed: int
    mean_ms: float | None = None
    min_ms: float | None = None
    max_ms: float | None = None
    size: float | None = None
    """Mean content size in bytes."""

    rate: float | None = None
    """Requests per second of the whole run, as the table has it."""

    percentiles_ms: Mapping[float, float] = field(default_factory=dict)
    """Percentiles of the whole run, each rounded as `step_ms` says."""

    ok_in: Floats = field(default_factory=lambda: np.empty(0))
    """Requests that succeeded, by row of the history; NaN: not known. Empty without a history."""

    failed_in: Floats = field(default_factory=lambda: np.empty(0))
    percentiles_in: Mapping[float, Floats] = field(default_factory=dict)
    """Percentiles by percent and row: they cover about WINDOW_S before the row's end. Empty if cumulative."""

    since: SinceStart | None = None
    """Totals since the start at the edges of the history's rows."""

    histogram: Mapping[float, int] = field(default_factory=dict)
    """How many requests took how many ms (rounded as `step_ms` says), if a JSON export tells."""


@dataclass(frozen=True, kw_only=True, eq=False)
class LocustRun:
    """A load test by its files."""

    path: Path
    """The path as it was asked for."""

    name: str
    files: Sequence[Path]
    generation: str
    """A key of GENERATIONS."""

    percents: Sequence[float]
    """The percentile columns of the files, ascending."""

    total: RequestStats
    endpoints: Sequence[RequestStats]
    starts: Floats = field(default_factory=lambda: np.empty(0))
    """Start of each row of the history, in seconds from the row with the first request."""

    widths: Floats = field(default_factory=lambda: np.empty(0))
    """Seconds that each row covers."""

    users: Floats = field(default_factory=lambda: np.empty(0))
    """Users at each row's end; NaN: not known."""

    began: float | None = None
    """The first row's start, in seconds since the epoch."""

    target: str | None = None
    """The host, if an export tells."""

    events: Sequence[Mapping[str, Any]] = ()
    """Events that lie beside the files: faults, kills and marks."""

    failures: Sequence[Failure] = ()
    exceptions: Sequence[UserException] = ()
    """Exceptions of the users' own code."""

    phases: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    """Phases that someone asked for: from and to, in seconds as `starts` has them."""

    skipped_s: float = 0.0
    """How much of the beginning was left out."""

    lacks: Sequence[Lack] = ()
    problems: Sequence[str] = ()
    """What was damaged or looks odd, a sentence each, with file and line where there is one."""

    @property
    def folder(self) -> Path:
        """Where it is, as it was asked for."""
        return self.path

    @property
    def duration_s(self) -> float | None:
        """Time from the first request to the history's last row; None without a history."""
        return float(self.widths.sum()) if len(self.widths) else None


def step_ms(value_ms: float) -> float:
    """The step between the latencies that Locust tells apart: two digits, and 1 ms below 100 ms."""
    return float(steps_ms(np.array([value_ms]))[0])


def steps_ms(values_ms: Floats) -> Floats:
    """`step_ms` of each."""
    steps: Floats = 10.0 ** np.maximum(np.floor(np.log10(np.maximum(values_ms, 1.0))) - 1, 0)
    return steps
