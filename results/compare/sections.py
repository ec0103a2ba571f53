"""What is compared: all requests, those of each phase, and those of each endpoint, side by side."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from results.figures import FIGURES
from results.run_folder import Endpoint, Run
from results.spans import phases
from results.stretch import Stretch

from .difference import Difference, difference
from .estimate import Estimate, Observed, estimates
from .parts import Part
from .repeats import borrowed, is_ratio, repeated
from .verdicts import verdicts

ENDPOINTS = 25
"""Endpoints compared at most: those with most requests."""

TOTAL, PHASE, ENDPOINT = "total", "phase", "endpoint"
UNITS = {figure.name: figure.unit for figure in FIGURES}
IS_GOOD_UP = {figure.name: figure.is_good_up for figure in FIGURES}

Figures = Mapping[str, Estimate]


@dataclass(frozen=True, eq=False)
class Side:
    """What is compared: a run, runs that repeat each other, or a phase of a run."""

    name: str
    stretches: Sequence[Stretch]

    @property
    def runs(self) -> list[Run]:
        """Whose they are."""
        return [stretch.run for stretch in self.stretches]


@dataclass(frozen=True, eq=False)
class Section:
    """Figures of one kind of requests: of each side, the baseline first, and what the others differ by."""

    kind: str
    name: str
    figures: Sequence[Figures]
    differences: Sequence[Mapping[str, Difference]]
    verdicts: Sequence[Mapping[str, str]]


def has_repeats(sides: Sequence[Side]) -> bool:
    """Whether runs are the unit."""
    return any(len(side.stretches) > 1 for side in sides)


def sections(sides: Sequence[Side]) -> list[Section]:
    """All sections, that of all requests first."""
    found = [(TOTAL, "", _figures(sides, _whole))]
    found += [(PHASE, name, _figures(sides, partial(_phase, name))) for name in _phases(sides)]
    found += [
        (ENDPOINT, " ".join(endpoint), _figures(sides, partial(_endpoint, endpoint)))
        for endpoint in endpoints(sides)
    ]
    return _judged(found)


def endpoints(sides: Sequence[Side]) -> list[Endpoint]:
    """Those that the baseline and another side have, with most requests; none if there is but one."""
    all_, missing = _endpoints(sides)
    both = [one for one in all_ if one not in missing]
    if len(all_) < 2:
        return []
    stretches = [stretch for side in sides for stretch in side.stretches]
    return sorted(both, key=lambda one: -sum(stretch.requests(one) for stretch in stretches))[:ENDPOINTS]


def added_and_removed(sides: Sequence[Side]) -> list[tuple[str, list[Endpoint], list[Endpoint]]]:
    """Of each side but the baseline: its name, the endpoints that the baseline hasn't, and those that it
    lacks itself."""
    usual = _seen(sides[0])
    return [
        (side.name, sorted(_seen(side) - usual), sorted(usual - _seen(side)))
        for side in sides[1:]
        if _seen(side) != usual
    ]


def _endpoints(sides: Sequence[Side]) -> tuple[list[Endpoint], set[Endpoint]]:
    seen = [_seen(side) for side in sides]
    every = set().union(*seen)
    both = {one for one in seen[0] if any(one in other for other in seen[1:])}
    return sorted(every), every - both


def _seen(side: Side) -> set[Endpoint]:
    return {one for stretch in side.stretches for one in stretch.run.endpoints if stretch.requests(one)}


def _phases(sides: Sequence[Side]) -> list[str]:
    """Phases of whole runs that the baseline and another side have."""
    if not all(stretch.is_whole for side in sides for stretch in side.stretches):
        return []
    of = [dict.fromkeys(name for run in side.runs for name in phases(run)) for side in sides]
    return [name for name in of[0] if any(name in other for other in of[1:])]


def _whole(stretch: Stretch) -> Observed | None:
    return Part(stretch).observed()


def _phase(name: str, stretch: Stretch) -> Observed | None:
    spans = phases(stretch.run).get(name)
    return Part(Stretch.of(stretch.run, spans)).observed() if spans else None


def _endpoint(endpoint: Endpoint, stretch: Stretch) -> Observed | None:
    return Part(stretch).observed(endpoint)


def _figures(sides: Sequence[Side], observe: Callable[[Stretch], Observed | None]) -> list[Figures]:
    """Of each side."""
    repeats = has_repeats(sides)
    observed = [[observe(stretch) for stretch in side.stretches] for side in sides]
    if repeats:
        return _repeated(observed)
    return [estimates(one) if (one := several[0]) else {} for several in observed]


def _repeated(observed: Sequence[Sequence[Observed | None]]) -> list[Figures]:
    names = [figure.name for figure in FIGURES]
    found = [
        {name: repeated(name, [one.values.get(name) for one in several if one]) for name in names}
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
    return [
        Section(kind, name, figures, differences[number], told[number])
        for number, (kind, name, figures) in enumerate(found)
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
            for (number, name), verdict in verdicts(
                family, {key: IS_GOOD_UP[key[1]] for key in family}
            ).items():
                told[number][side][name] = verdict
    return told


def _has(figures: Figures, name: str) -> bool:
    return name in figures and figures[name].value is not None
