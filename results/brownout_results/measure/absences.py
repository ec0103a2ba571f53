"""Absences of fault proxies: meanwhile the service reached nobody in place of its dependency. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from brownout_results.read.run_folder import Run
from brownout_results.record.timestamps import seconds_of
from brownout_terms.numbers import amount, clock


class Absence(NamedTuple):
    """One time without a proxy."""

    dependency: str
    start: float
    """In seconds since the epoch."""
    seconds: float | None
    """None: it had not come back when the run ended."""


def absences(events: Iterable[Mapping[str, Any]]) -> list[Absence]:
    """Return the times in which a proxy was gone or not ready again, in the order of their beginnings."""
    found: dict[tuple[str, float], Absence] = {}
    away: dict[str, float] = {}
    for event in events:
        dependency, change = event.get("dependency"), event.get("change")
        if event.get("kind") != "replica" or event.get("service") != "backend" or not dependency:
            continue
        at = seconds_of(event["t"])
        if change == "gone":
            start = away.setdefault(dependency, at)
            found[dependency, start] = Absence(dependency, start, None)
        elif change == "ready" and dependency in away:
            start = away.pop(dependency)
            found[dependency, start] = Absence(dependency, start, at - start)
    return [*found.values()]


def sentences(run: Run) -> list[str]:
    """Say when each proxy was away, and for how long."""
    return [
        f"The fault proxy of {one.dependency} was away "
        + ("until the end" if one.seconds is None else f"for {amount(one.seconds, 's')}")
        + f" from {clock(one.start - run.seconds.start)}: meanwhile the service could not reach "
        + f"{one.dependency} at all."
        for one in absences(run.events)
    ]
