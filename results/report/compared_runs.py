"""Run folders, and the phases of one, as the sides of a comparison."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from results.compare.sections import Side
from results.compare.source import RunSource
from results.failures import read_failures
from results.run_folder import Run
from results.run_folder.times import seconds_of
from results.spans import phases
from results.stretch import Stretch

from .compared import Shown
from .document import RunCard
from .settings import recorded
from .single import card, limits_of, name_of, notices
from .tracks import track
from .words import clock, count, short

NOT_INTERLEAVED = (
    "All runs of {first} were before all of {then}: what changed with the time of day can't be told from the "
    "change. Take turns: A B B A."
)


def runs_side_by_side(runs: Sequence[Run]) -> list[Shown]:
    """A side each, the baseline first."""
    names = distinct([name_of(run) for run in runs])
    return [
        _shown(name, [run], number == 0) for number, (name, run) in enumerate(zip(names, runs, strict=True))
    ]


def repeats_side_by_side(runs: Sequence[Run]) -> list[Shown]:
    """A side for each label, the first run's being the baseline."""
    groups: dict[str, list[Run]] = {}
    for run in runs:
        groups.setdefault(name_of(run), []).append(run)
    return [_shown(name, group, number == 0) for number, (name, group) in enumerate(groups.items())]


def phases_side_by_side(run: Run) -> list[Shown]:
    """The phases of one run, the first being the baseline."""
    sides = []
    for number, (name, spans) in enumerate(phases(run).items()):
        stretch = Stretch.of(run, spans)
        whole = card(run, is_baseline=number == 0, name=name)
        facts = [("lasted", clock(sum(map(len, spans)))), ("requests", count(stretch.requests()))]
        sides.append(
            Shown(
                side=Side(name, [RunSource(stretch)]),
                card=replace(whole, facts=facts),
                tracks=[track(run, name_of(run))] if number == 0 else [],
                settings=recorded(run),
                notices=notices(run) if number == 0 else [],
                limits=limits_of(run) if number == 0 else [],
            )
        )
    return sides


def not_interleaved(runs: Sequence[Run]) -> list[str]:
    """What to know about repeats that did not take turns."""
    started: dict[str, list[float]] = {}
    for run in runs:
        if (at := _started(run)) is not None:
            started.setdefault(name_of(run), []).append(at)
    groups = list(started.items())
    return [
        NOT_INTERLEAVED.format(first=short(groups[0][0]), then=short(name))
        for name, those in groups[1:]
        if min(len(those), len(groups[0][1])) > 1 and max(groups[0][1]) < min(those)
    ]


def distinct(names: Sequence[str]) -> list[str]:
    """The names, with a number where several are the same."""
    seen: dict[str, int] = {}
    found = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        found.append(name if names.count(name) == 1 else f"{name} ({seen[name]})")
    return found


def _shown(name: str, runs: Sequence[Run], is_baseline: bool) -> Shown:
    return Shown(
        side=Side(name, [RunSource(Stretch.of(run)) for run in runs]),
        card=_card(name, runs, is_baseline),
        tracks=[track(runs[0], name)],
        settings=recorded(runs[0]),
        failures=[failure for run in runs for failure in read_failures(run.folder)],
        notices=[said for run in runs for said in notices(run)],
        limits=[said for run in runs for said in limits_of(run)],
    )


def _card(name: str, runs: Sequence[Run], is_baseline: bool) -> RunCard:
    first = card(runs[0], is_baseline=is_baseline, name=name)
    if len(runs) == 1:
        return first
    facts = [("runs", count(len(runs))), ("drawn", "the first of them"), *first.facts]
    return replace(first, facts=facts)


def _started(run: Run) -> float | None:
    try:
        return seconds_of(run.manifest["started"])
    except (KeyError, TypeError, ValueError):
        return None
