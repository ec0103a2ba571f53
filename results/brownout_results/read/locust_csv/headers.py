"""What a file is, by its header: the columns of every generation under one name each."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

SAME = {
    "type": "method",
    "# requests": "requests",
    "request count": "requests",
    "total request count": "requests",
    "# failures": "failed",
    "failure count": "failed",
    "total failure count": "failed",
    "median response time": "median",
    "total median response time": "median",
    "average response time": "mean",
    "total average response time": "mean",
    "min response time": "min",
    "total min response time": "min",
    "max response time": "max",
    "total max response time": "max",
    "average content size": "size",
    "total average content size": "size",
    "user count": "users",
}
"""Names of columns, in lower case, and what they are called here."""

_PERCENTILE = re.compile(r"(\d{1,3}(?:\.\d+)?)%?")


class Kind(StrEnum):
    """What a file holds; its value is the end of its usual name."""

    STATS = "_stats.csv"
    HISTORY = "_stats_history.csv"
    FAILURES = "_failures.csv"
    EXCEPTIONS = "_exceptions.csv"
    REQUESTS = "_requests.csv"
    """Written up to 0.13.2: the later STATS without percentiles."""
    DISTRIBUTION = "_distribution.csv"
    """Written up to 0.13.2: the percentiles."""


@dataclass(frozen=True)
class Header:
    """A header that was understood."""

    kind: Kind
    columns: Mapping[str, int]
    """Place of each column, by the name it has here."""

    percents: Mapping[float, int]
    """Place of each percentile's column, ascending."""

    length: int
    is_first_generation: bool
    """Whether it counts in `# requests`, as up to 0.14.6."""

    has_moments: bool
    """Whether failures have their first and last moment, as from 2.44 on."""


def header_of(cells: Sequence[str]) -> Header | None:
    """The header that these cells are; None if they are none of Locust's."""
    names = [" ".join(cell.lower().replace("_", " ").split()) for cell in cells]
    columns = {SAME.get(name, name): place for place, name in reversed(list(enumerate(names)))}
    percents = {
        float(match[1]): place
        for place, name in enumerate(names)
        if (match := _PERCENTILE.fullmatch(name)) and 0 < float(match[1]) <= 100
    }
    kind = _kind(columns, percents)
    if kind is None:
        return None
    return Header(
        kind=kind,
        columns=columns,
        percents=dict(sorted(percents.items())),
        length=len(names),
        is_first_generation="# requests" in names,
        has_moments="first seen" in columns,
    )


def _kind(columns: Mapping[str, int], percents: Mapping[float, int]) -> Kind | None:
    has = columns.keys()
    if {"timestamp", "name", "requests", "failed"} <= has:
        return Kind.HISTORY
    if {"method", "name", "error", "occurrences"} <= has:
        return Kind.FAILURES
    if {"count", "message", "traceback"} <= has:
        return Kind.EXCEPTIONS
    if {"method", "name", "requests", "failed", "min"} <= has:
        return Kind.STATS if percents else Kind.REQUESTS
    if {"name", "requests"} <= has and percents:
        return Kind.DISTRIBUTION
    return None
