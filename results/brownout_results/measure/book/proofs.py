"""Which faults and kills of a run are proven by what they did."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from brownout_results.read.run_folder import Run
from brownout_results.record import Sample
from brownout_results.record.timestamps import seconds_of
from brownout_terms.codes import Code, is_done

from .account import Statement
from .lives import Life, growth, lives_of

Event = Mapping[str, Any]

MET = 10
"""Injections that a fault would have made on average: it makes none by chance once in 20,000 times."""

SETS = ("set", "found")
"""Actions of events after which there are faults: set meanwhile, or found when the run began."""

EDGE_S = 2
"""A counter is sampled up to this much after what it counts."""


def faults_set(run: Run) -> Statement | None:
    """Count the times that faults were set."""
    return Statement.exactly(number) if (number := len(_sets(run))) else None


def faults_read_back(run: Run) -> Statement | None:
    """Count those that every replica confirmed; where some had not yet, they may have later."""
    sets = _sets(run)
    if not sets:
        return None
    confirmed = sum(one.event.get("code", Code.OK) == Code.OK for one in sets)
    return Statement(confirmed, len(sets))


def faults_injected(run: Run) -> Statement | None:
    """Count those in whose time backends injected something, by the panel's count or their samples.

    A rare fault may not have met a request; of services that are nobody's replicas there are no samples.
    """
    sets, backends = _sets(run), lives_of(run, "backend")
    if not sets or not (backends or any(one.injected is not None for one in sets)):
        return None
    low = high = 0
    for one in sets:
        struck = one.injected if one.injected is not None else _struck(backends, one.start, one.end)
        low += struck > 0
        high += struck > 0 or not _must_strike(run, backends, one)
    return Statement(low, high)


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


class FaultSet(NamedTuple):
    """An event that set faults, or found them when the run began."""

    event: Event
    start: float
    end: float
    """The time of the next change of faults, in seconds since the epoch."""
    injected: int | None
    """How often they were injected by then, as the panel counted; None if it could not tell."""
    is_cut_off: bool
    """Whether somebody else has ended what an experiment had set, as when it was killed."""


def _sets(run: Run) -> list[FaultSet]:
    changes = [
        (time, event)
        for event in run.events
        if event.get("kind") in ("fault", "stop-everything")
        and is_done(event)
        and (time := _time(event)) is not None
    ]
    ends = [*changes[1:], (float(run.seconds.stop), {})]
    return [
        FaultSet(
            event,
            time,
            end,
            whole if isinstance(whole := then.get("injected"), int) else None,
            event.get("by") == "experiment" != then.get("by", "experiment"),
        )
        for (time, event), (end, then) in zip(changes, ends, strict=False)
        if event.get("action") in SETS and isinstance(event.get("faults"), list) and event["faults"]
    ]


def _must_strike(run: Run, backends: Sequence[Life], faults: FaultSet) -> bool:
    """Whether nothing is proven by faults that have struck nothing.

    An experiment is about its faults. Those that somebody sets by hand, or cuts off, may have met too few
    requests, for their rate; but not so if they never strike.
    """
    if faults.event.get("by") == "experiment" and faults.injected is not None and not faults.is_cut_off:
        return True
    edge_s = EDGE_S if faults.injected is None else 0
    inside = math.ceil(faults.start) + edge_s, math.floor(faults.end) - edge_s
    met = growth(backends, _requests, *inside) if backends else _recorded(run, *inside)
    rates = [one.get("rate", 1.0) for one in faults.event["faults"] if isinstance(one, dict)]
    highest = max((rate for rate in rates if isinstance(rate, int | float)), default=1.0)
    return met >= MET and (not highest or met * highest >= MET)


def _recorded(run: Run, start: int, stop: int) -> int:
    first, past = start - run.seconds.start, stop - run.seconds.start
    return sum(int(counts[max(first, 0) : max(past, 0)].sum()) for counts in run.counts().values())


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
