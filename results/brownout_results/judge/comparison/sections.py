"""What is compared: all requests, those of each phase, and those of each endpoint, side by side."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from brownout_results.measure.figures import FIGURES, MEASURES
from brownout_results.measure.resampling.estimates import Estimate, Observation, estimates, events_of
from brownout_results.measure.resampling.repeats import borrowed, is_ratio, repeated
from brownout_results.measure.resampling.sources import Source
from brownout_results.read.run_folder import Endpoint

from .difference import Difference, difference
from .failures import withheld
from .verdicts import verdicts, weight_of

ENDPOINTS = 25
"""Endpoints compared at most: those with most requests."""

GONE_SHARE, FEWEST_GONE = 0.05, 100
"""An endpoint that had this share of the baseline's requests, and so many, is missed."""

TOTAL, PHASE, ENDPOINT = "total", "phase", "endpoint"
UNITS = {figure.name: figure.unit for figure in FIGURES}
IS_GOOD_UP = {figure.name: figure.is_good_up for figure in FIGURES}

Figures = Mapping[str, Estimate]
Observe = Callable[[Source], Observation | None]
Observed = Sequence[Sequence[Observation | None]]
"""Of each run of each side."""


@dataclass(frozen=True)
class Gone:
    """An endpoint without a request that had many in the baseline."""

    name: str
    share: float
    """Its share of the baseline's requests."""


@dataclass(frozen=True, eq=False)
class Side:
    """What is compared: a run, runs that repeat each other, or a phase of a run."""

    name: str
    sources: Sequence[Source]


@dataclass(frozen=True, eq=False)
class Section:
    """Figures of one kind of requests: of each side, the baseline first, and what the others differ by."""

    kind: str
    name: str
    figures: Sequence[Figures]
    differences: Sequence[Mapping[str, Difference]]
    verdicts: Sequence[Mapping[str, str]]
    requests: Sequence[int] = ()
    """How many ended, of each side."""

    gone: Sequence[Sequence[Gone]] = ()
    """In the section of all requests: of each other side, the endpoints that are missed there."""


def has_repeats(sides: Sequence[Side]) -> bool:
    """Whether any side has several runs, so that runs are the unit."""
    return any(len(side.sources) > 1 for side in sides)


def sections(sides: Sequence[Side]) -> list[Section]:
    """Return all sections; the one of all requests comes first."""
    asked: list[tuple[str, str, Observe]] = [(TOTAL, "", lambda source: source.observed())]
    asked += [(PHASE, name, partial(_phase, name)) for name in phases(sides)]
    asked += [(ENDPOINT, " ".join(one), partial(_endpoint, one)) for one in endpoints(sides)]
    observed = [_observed(sides, observe) for _, _, observe in asked]
    judged = _judged(
        [
            (kind, name, _figures(sides, several, _other_phases(kind, name, asked, observed)))
            for (kind, name, _), several in zip(asked, observed, strict=True)
        ]
    )
    counted = {" ".join(one): [_requests(side, one) for side in sides] for one in endpoints(sides)}
    whole, *parts = (
        replace(one, requests=counted[one.name] if one.kind == ENDPOINT else _counted(several))
        for one, several in zip(judged, observed, strict=True)
    )
    return [replace(whole, gone=_gone(sides)), *parts]


def _gone(sides: Sequence[Side]) -> list[list[Gone]]:
    """Return, for each other side, the endpoints that are missed there, the busiest first."""
    counted = {one: _requests(sides[0], one) for one in _seen(sides[0])}
    least = max(GONE_SHARE * sum(counted.values()), FEWEST_GONE)
    busy = sorted((one for one, count in counted.items() if count >= least), key=lambda one: -counted[one])
    whole = max(sum(counted.values()), 1)
    return [
        [Gone(" ".join(one), counted[one] / whole) for one in busy if seen and one not in seen]
        for seen in (_seen(side) for side in sides[1:])
    ]


def _requests(side: Side, endpoint: Endpoint) -> int:
    return sum(source.requests(endpoint) for source in side.sources)


def _counted(observed: Observed) -> list[int]:
    """Return the requests of each side, by its seconds."""
    found = [_events("availability", several) for several in observed]
    return [int(events[1]) if events else 0 for events in found]


def endpoints(sides: Sequence[Side]) -> list[Endpoint]:
    """Return the busiest endpoints that the baseline and another side have; none if there is only one."""
    seen = [_seen(side) for side in sides]
    if len(set().union(*seen)) < 2:
        return []
    both = [one for one in sorted(seen[0]) if any(one in other for other in seen[1:])]
    sources = [source for side in sides for source in side.sources]
    return sorted(both, key=lambda one: -sum(source.requests(one) for source in sources))[:ENDPOINTS]


def added_and_removed(sides: Sequence[Side]) -> list[tuple[str, list[Endpoint], list[Endpoint]]]:
    """Return, for each side whose endpoints differ from the baseline's: its name, the endpoints that only it
    has, and those that it lacks."""
    usual = _seen(sides[0])
    return [
        (side.name, sorted(_seen(side) - usual), sorted(usual - _seen(side)))
        for side in sides[1:]
        if _seen(side) != usual
    ]


def phases(sides: Sequence[Side]) -> list[str]:
    """Return the phases that the baseline and another side have."""
    of = [dict.fromkeys(name for source in side.sources for name in source.phases) for side in sides]
    return [name for name in of[0] if any(name in other for other in of[1:])]


def _seen(side: Side) -> set[Endpoint]:
    return {one for source in side.sources for one in source.endpoints}


def _phase(name: str, source: Source) -> Observation | None:
    return source.observed_in(name)


def _endpoint(endpoint: Endpoint, source: Source) -> Observation | None:
    return source.observed(endpoint)


def _observed(sides: Sequence[Side], observe: Observe) -> Observed:
    return [[observe(source) for source in side.sources] for side in sides]


def _other_phases(
    kind: str, name: str, asked: Sequence[tuple[str, str, Observe]], observed: Sequence[Observed]
) -> list[Observation | None]:
    """Return what was seen in the other phases of the runs; nothing for what is no phase."""
    if kind != PHASE:
        return []
    those = [
        found
        for (its, called, _), found in zip(asked, observed, strict=True)
        if its == PHASE and called != name
    ]
    return [one for found in those for several in found for one in several]


def _figures(
    sides: Sequence[Side], observed: Observed, others: Sequence[Observation | None]
) -> list[Figures]:
    """Return the figures of each side."""
    if has_repeats(sides):
        return _repeated(observed)
    return list(estimates([several[0] for several in observed], others))


def _repeated(observed: Sequence[Sequence[Observation | None]]) -> list[Figures]:
    names = [figure.name for figure in FIGURES]
    found = [
        {
            name: repeated(name, [one.values.get(name) for one in several if one], _events(name, several))
            for name in names
        }
        for several in observed
    ]
    usual, runs = found[0], len(observed[0])
    for side, several in zip(found[1:], observed[1:], strict=True):
        for name in names:
            if len(several) == 1:
                side[name] = borrowed(side[name], usual[name], runs)
            elif runs == 1:
                usual[name] = borrowed(usual[name], side[name], len(several))
    return list(found)


def _events(name: str, several: Sequence[Observation | None]) -> tuple[float, float] | None:
    """Return how many were counted and out of how many, over all runs, for a share of requests."""
    known = [one.seconds for one in several if one is not None and one.seconds is not None]
    counted = [events for seconds in known if (events := events_of(MEASURES.get(name), seconds)) is not None]
    return (sum(part for part, _ in counted), sum(whole for _, whole in counted)) if counted else None


def _judged(found: Sequence[tuple[str, str, Sequence[Figures]]]) -> list[Section]:
    """Verdicts: of each side, the figures of all requests are judged together, those of all phases, and those
    of all endpoints."""
    differences = [
        [
            {
                name: difference(figures[0].get(name), other.get(name), is_log=is_ratio(name), unit=unit)
                for name, unit in UNITS.items()
                if any(_has(one, name) for one in figures)
            }
            for other in figures[1:]
        ]
        for _, _, figures in found
    ]
    told = _verdicts([kind for kind, _, _ in found], differences)
    judged = [
        [withheld(one, words) for one, words in zip(differences[number], told[number], strict=True)]
        for number in range(len(found))
    ]
    return [
        Section(kind, name, figures, [one for one, _ in sides], [words for _, words in sides])
        for (kind, name, figures), sides in zip(found, judged, strict=True)
    ]


def _verdicts(
    kinds: Sequence[str], differences: Sequence[Sequence[Mapping[str, Difference]]]
) -> list[list[dict[str, str]]]:
    told: list[list[dict[str, str]]] = [[{} for _ in of] for of in differences]
    for kind in set(kinds):
        for side in range(len(differences[0])):
            family = {
                (number, name): one
                for number, of in enumerate(differences)
                if kinds[number] == kind
                for name, one in of[side].items()
            }
            good = {key: IS_GOOD_UP[key[1]] for key in family}
            weights = {key: weight_of(key[1]) for key in family}
            for (number, name), verdict in verdicts(family, good, weights=weights).items():
                told[number][side][name] = verdict
    return told


def _has(figures: Figures, name: str) -> bool:
    return name in figures and figures[name].value is not None
