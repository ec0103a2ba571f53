"""`load.csv`, `causes.csv` and `samples.csv`: their columns, and rows from and to text.

An empty cell means "not known", never 0.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from brownout_terms.health import FIGURES

LOAD = "load.csv"
CAUSES = "causes.csv"
SAMPLES = "samples.csv"

HEALTH = tuple(dict.fromkeys(one.key for one in FIGURES))
"""Columns of what a part of brownout tells of its health."""

HARNESS = "harness"
"""Service of the samples of brownout's own parts."""

FORWARDER = "forwarder"
"""Service of the samples of the forwarders; `replica` is the service that one leads to."""

REDIRECTS, UNREADABLE = "redirects", "unreadable"
"""Outcomes of a forwarder's sample: redirects, and connections whose answers can't be counted."""


class LoadRow(NamedTuple):
    """One second of the load. Rows of the same second add up: a worker's late report gets its own."""

    second: int
    """Seconds since the epoch; the row is about the second that begins there."""

    users: int | None
    """Users running at the end of the second; None in a late row."""

    workers: int | None
    """Processes that made load: 1 without workers; None in a late row."""

    offered: int
    """Requests (open loop: arrivals) meant to start in this second."""

    started: int
    """How many of these, or of late ones from an earlier second, started."""

    dropped: int
    """Arrivals given up because every user was busy."""

    lateness_p50_ms: float | None
    """How long after their intended start arrivals started; None in closed loop."""

    lateness_p99_ms: float | None
    lateness_max_ms: float | None
    users_asked: int | None = None
    """Users that should be running; None while they are started or stopped, and in a late row."""


class CauseRow(NamedTuple):
    """Why requests that ended in one second were not `ok`. Rows with the same cause add up."""

    second: int
    outcome: str
    method: str
    name: str
    cause: str
    """Where users judge answers, what they call it (`fallback: circuit-open`); else the exception's text."""

    requests: int


class Sample(NamedTuple):
    """What one replica answered when asked for its counters, which count from the replica's start."""

    second: int
    service: str
    replica: str
    problem: str
    """Why there are no counters, such as `timeout`; empty if there are."""

    took_ms: float | None
    boot_id: str
    """Changes when the replica restarts, and its counters begin again at 0."""

    policy: str
    circuit_state: str
    requests: int | None
    attempts: int | None
    retries: int | None
    short_circuits: int | None
    fallbacks: int | None
    budget_denied: int | None
    in_flight: int | None
    outcomes: dict[str, int]
    """Clients: requests by outcome; JSON in the cell, as in the next columns."""

    causes: dict[str, int]
    """Clients: what went wrong, and how often."""

    injected: dict[str, int]
    """Backends: injected faults, by kind."""

    stalled_ms: float | None = None
    """Row of a part of brownout, whose service is HARNESS: how long its loop stood still in this second.
    Row of a replica that tells it: how long since its last row that has it."""

    cpu_ms: float | None = None
    """This and what follows: a figure of brownout_terms.health, for a part of brownout, the machine, or a
    replica."""

    waited_ms: float | None = None
    descriptors_free: float | None = None
    pressure_ms: float | None = None
    queue_ms: float | None = None


def harness_sample(
    second: int,
    part: str,
    stalled_ms: float | None = None,
    took_ms: float | None = None,
    figures: Mapping[str, float] = MappingProxyType({}),
) -> Sample:
    """What a part of brownout says of itself; `took_ms` is how old that was when it came."""
    own = (figures.get(key) for key in HEALTH)
    return Sample(second, HARNESS, part, "", took_ms, "", "", "", *(None,) * 7, {}, {}, {}, stalled_ms, *own)


def forwarder_sample(second: int, service: str, answers: int, redirects: int, unreadable: int) -> Sample:
    """Return what the forwarder of a service has counted since it began."""
    outcomes = {name: count for name, count in ((REDIRECTS, redirects), (UNREADABLE, unreadable)) if count}
    return Sample(second, FORWARDER, service, "", None, "", "", "", answers, *(None,) * 6, outcomes, {}, {})


Row = LoadRow | CauseRow | Sample


def header(row_type: type[Row]) -> str:
    """The first line of the table."""
    return ",".join(row_type._fields) + "\n"


def rows_text(rows: Iterable[Row]) -> str:
    """The rows as lines."""
    lines = io.StringIO()
    writer = csv.writer(lines, lineterminator="\n")
    writer.writerows([_cell(value) for value in row] for row in rows)
    return lines.getvalue()


def _cell(value: object) -> object:
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False) if value else ""
    return round(value, 3) if isinstance(value, float) else value
