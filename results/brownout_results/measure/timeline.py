"""The timeline of a run: periods with faults, kills and marks, states of breakers. Pure.

Times are seconds since an `origin`. Events that can't be read are left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from brownout_results.read.run_folder import SampleTable
from brownout_results.record import Sample
from brownout_results.record.timestamps import seconds_of
from brownout_terms.codes import is_done
from brownout_terms.texts import short

QUICK_S = 2.0
"""Dragging a slider changes the faults many times: changes this near to each other are one."""

Events = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class FaultPeriod:
    """A period with the same faults."""

    start: float
    end: float
    label: str


@dataclass(frozen=True)
class TimelineMark:
    """An event to mark on the timeline: `kind` is kill, phase, mark, or proposed: a change that was seen."""

    at: float
    kind: str
    label: str


@dataclass(frozen=True)
class BreakerPeriod:
    """A period in which a breaker was in one state."""

    start: float
    end: float
    state: str
    uncertain_s: float = 0.0
    """Time by which the start may be off, where it follows from two answers of a service."""


def bands(events: Events, origin: float, end: float) -> list[FaultPeriod]:
    """Return the periods with faults; a fault that nothing ended lasts until `end`."""
    found: list[FaultPeriod] = []
    begun: tuple[float, str] | None = None
    for at, label in [*_settled(list(_fault_changes(events, origin))), (end, "")]:
        if begun and label == begun[1]:
            continue
        if begun:
            found.append(FaultPeriod(begun[0], at, begun[1]))
        begun = (at, label) if label else None
    return [band for band in found if band.end > 0 and band.start < end and band.end > band.start]


def _settled(changes: Sequence[tuple[float, str]]) -> Iterator[tuple[float, str]]:
    """Yield changes of the faults without those that others followed at once: a drag on a slider is one."""
    usual, first = "", 0
    for last in range(1, len(changes) + 1):
        if last < len(changes) and changes[last][0] - changes[last - 1][0] < QUICK_S:
            continue
        quick = changes[first:last]
        (began, _), (ended, label) = quick[0], quick[-1]
        if label:
            yield began, label
        elif usual:
            yield ended, ""  # dragged to nothing: some of it was there until then
        else:
            drawn = [one for _, one in quick if one]
            yield from [(began, drawn[-1]), (ended, "")] if drawn else []
        usual, first = label, last


def moments(events: Events, origin: float) -> list[TimelineMark]:
    """Return the kills that took place, the phases, and the marks."""
    return [
        TimelineMark(at, str(event["kind"]), label)
        for at, event in _timed(events, origin)
        if (label := _moment(event)) is not None
    ]


def first_states(samples: SampleTable) -> list[Sample]:
    """Return the first sample of each replica that has its breaker's state."""
    at = np.flatnonzero(~samples.text("circuit_state").is_in(""))
    _, first = np.unique(samples.text("replica").codes[at], return_index=True)
    return [samples[int(number)] for number in np.sort(at[first])]


def lanes(
    events: Events, sampled: Iterable[Sample], origin: float, end: float
) -> dict[str, list[BreakerPeriod]]:
    """Return the states of each breaker: as first sampled or found, then by its transitions.

    A client of the lab has one, named as the replica; a service of the user's may have several.
    """
    steps = {one.replica: [_Step(one.second - origin, one.circuit_state)] for one in sampled}
    boots: dict[str, str] = {}
    named: dict[str, set[str]] = {}
    for at, event in _timed(events, origin):
        replica, kind = str(event.get("replica", "")), event.get("kind")
        name = f"{replica} {event['breaker']}" if event.get("breaker") else replica
        if kind == "replica" and event.get("change") == "gone":
            for one in named.get(replica, ()):
                steps[one].append(_Step(at, "unknown"))
        elif kind == "breaker-found":
            steps.setdefault(name, []).append(_Step(at, str(event.get("state", "unknown"))))
            named.setdefault(replica, set()).add(name)
        elif kind == "breaker" and replica:
            lane = steps.setdefault(name, [_Step(0.0, str(event.get("from", "unknown")))])
            another = boots.setdefault(name, event.get("boot_id", "")) != event.get("boot_id")
            if event.get("missed") or (another and name == replica):
                lane.append(_Step(lane[-1].at, "unknown"))
            boots[name] = event.get("boot_id", "")
            when = _seconds(event.get("at"), at + origin) - origin
            lane.append(_Step(when, str(event.get("to", "unknown")), _number(event.get("uncertain_s"))))
    return {name: list(_states(lane, end)) for name, lane in sorted(steps.items())}


def _fault_words(event: Mapping[str, Any]) -> str:
    """Return the sentence of the backends about the faults of an event; older runs lack it."""
    if words := event.get("words"):
        return short(str(words))
    from brownout_faults import write_faults

    faults = event.get("faults")
    return write_faults(faults) if isinstance(faults, list) else "faults"


def _fault_changes(events: Events, origin: float) -> Iterator[tuple[float, str]]:
    for at, event in _timed(events, origin):
        if event.get("kind") == "fault" and is_done(event):
            yield at, _fault_words(event) if event.get("action") in ("set", "found") else ""
        elif event.get("kind") == "stop-everything":
            yield at, ""


def _moment(event: Mapping[str, Any]) -> str | None:
    match event.get("kind"):
        case "kill" if is_done(event):
            return f"✕ {event.get('replica', '')}"
        case "phase":
            return f"◆ {event.get('name', '')}"
        case "mark":
            return f"◆ {event.get('note', '')}"
    return None


class _Step(NamedTuple):
    """The moment from which on a breaker was in a state."""

    at: float
    state: str
    uncertain_s: float = 0.0


def _states(steps: Sequence[_Step], end: float) -> Iterator[BreakerPeriod]:
    for one, after in zip(steps, [*steps[1:], _Step(end, "")], strict=True):
        if after.at > max(one.at, 0.0):
            yield BreakerPeriod(max(one.at, 0.0), after.at, one.state, one.uncertain_s)


def _timed(events: Events, origin: float) -> Iterator[tuple[float, Mapping[str, Any]]]:
    for event in events:
        try:
            yield seconds_of(event["t"]) - origin, event
        except (KeyError, TypeError, ValueError):
            continue


def _seconds(text: Any, otherwise: float) -> float:
    try:
        return seconds_of(text)
    except (TypeError, ValueError):
        return otherwise


def _number(value: Any) -> float:
    return float(value) if isinstance(value, int | float) else 0.0
