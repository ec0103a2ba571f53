"""Which faults and kills of a run are proven by what they did."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from brownout_results.read.run_folder import Run
from brownout_results.record import Sample
from brownout_results.record.timestamps import seconds_of
from brownout_terms.codes import Code, is_done

from .account import Statement
from .lives import Life, growth, lives_of

Event = Mapping[str, Any]

MET = 10
"""Requests that a fault which always strikes can't have missed."""

EDGE_S = 2
"""A counter is sampled up to this much after what it counts."""


def faults_set(run: Run) -> Statement | None:
    """Count the times that faults were set."""
    return Statement.exactly(number) if (number := len(_sets(run))) else None


def faults_read_back(run: Run) -> Statement | None:
    """Count those that every replica confirmed; where some had not yet, they may have later."""
    sets = [event for event, _, _ in _sets(run)]
    if not sets:
        return None
    confirmed = sum(event.get("code", Code.OK) == Code.OK for event in sets)
    return Statement(confirmed, len(sets))


def faults_injected(run: Run) -> Statement | None:
    """Count those in whose time backends injected something; a rare fault may not have met a request."""
    sets, backends = _sets(run), lives_of(run, "backend")
    if not sets or not backends:
        return None
    low = high = 0
    for event, start, end in sets:
        struck = _struck(backends, start, end)
        met = growth(backends, _requests, math.ceil(start) + EDGE_S, math.floor(end) - EDGE_S)
        low += struck > 0
        high += struck > 0 or met < MET or not _always_strikes(event)
    return Statement(low, high)


def faults_without_effect(run: Run) -> list[str]:
    """Name the faults that an experiment has set and that no backend has injected into any request.

    Nothing is named where no backend tells what it injects.
    """
    backends = lives_of(run, "backend")
    return [
        str(event.get("words") or ", ".join(str(fault.get("kind")) for fault in event["faults"]))
        for event, start, end in _sets(run)
        if backends and event.get("by") == "experiment" and not _struck(backends, start, end)
    ]


def _struck(backends: Sequence[Life], start: float, end: float) -> int:
    return growth(backends, _injected, math.floor(start) - EDGE_S, math.ceil(end) + EDGE_S)


def kills_asked(run: Run) -> Statement | None:
    """Count the kills that were carried out."""
    return Statement.exactly(number) if (number := len(_kills(run))) else None


def kills_proven(run: Run) -> Statement | None:
    """Count those whose replica the fleet saw end, or come back as another."""
    kills = _kills(run)
    changes = [event for event in run.events if event.get("kind") == "replica"]
    if not kills or not changes:
        return None
    return Statement.exactly(sum(any(_proves(kill, change) for change in changes) for kill in kills))


def _sets(run: Run) -> list[tuple[Event, float, float]]:
    """Return each event that set faults, with its time and that of the next change of faults."""
    changes = [
        (time, event)
        for event in run.events
        if event.get("kind") in ("fault", "stop-everything")
        and is_done(event)
        and (time := _time(event)) is not None
    ]
    ends = [time for time, _ in changes[1:]] + [float(run.seconds.stop)]
    return [
        (event, time, end)
        for (time, event), end in zip(changes, ends, strict=False)
        if event.get("action") == "set" and isinstance(event.get("faults"), list) and event["faults"]
    ]


def _always_strikes(event: Event) -> bool:
    return any(isinstance(one, dict) and one.get("rate", 1.0) >= 1.0 for one in event["faults"])


def _kills(run: Run) -> list[Event]:
    return [event for event in run.events if event.get("kind") == "kill" and is_done(event)]


def _proves(kill: Event, change: Event) -> bool:
    """Whether the fleet saw the life end that was killed, or another one after the kill."""
    if change.get("replica") != kill.get("replica"):
        return False
    if change.get("uid") == kill.get("uid"):
        return change.get("change") == "gone"
    return (_time(change) or 0.0) >= (_time(kill) or 0.0)


def _injected(sample: Sample) -> int:
    return sum(sample.injected.values())


def _requests(sample: Sample) -> int:
    return sample.requests or 0


def _time(event: Event) -> float | None:
    try:
        return seconds_of(event["t"])
    except (KeyError, TypeError, ValueError):
        return None
