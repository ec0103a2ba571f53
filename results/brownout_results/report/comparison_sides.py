"""Runs, runs that repeat each other, and the phases of a run, as the sides of a comparison."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from brownout_results.judge.comparison.sections import Side
from brownout_terms.numbers import count
from brownout_terms.texts import short

from .comparison_report import ComparedSide
from .document import RunCard
from .runs import AnyRun

NOT_INTERLEAVED = (
    "All runs of {first} came before all runs of {then}, so an effect of the time of day can't be told "
    "from the effect of the change. Take turns: A B B A."
)


def runs_side_by_side(runs: Sequence[AnyRun]) -> list[ComparedSide]:
    """A side each, the baseline first."""
    names = distinct(_told_apart(runs))
    named = zip(names, runs, strict=True)
    return [_shown(name, [run], number == 0) for number, (name, run) in enumerate(named)]


def repeats_side_by_side(runs: Sequence[AnyRun]) -> list[ComparedSide]:
    """A side for each label, the first run's being the baseline."""
    groups: dict[str, list[AnyRun]] = {}
    for run in runs:
        groups.setdefault(run.name, []).append(run)
    return [_shown(name, group, number == 0) for number, (name, group) in enumerate(groups.items())]


def phases_side_by_side(run: AnyRun) -> list[ComparedSide]:
    """The phases of one run, the first being the baseline."""
    whole = _shown(run.name, [run], is_baseline=True)
    return [
        ComparedSide(
            side=Side(name, [run.source(name)]),
            card=replace(whole.card, name=short(name), is_baseline=number == 0, facts=run.phase_facts(name)),
            tracks=whole.tracks if number == 0 else [],
            settings=whole.settings,
            notices=whole.notices if number == 0 else [],
            invalid=whole.invalid if number == 0 else "",
            limits=whole.limits if number == 0 else [],
            method=whole.method,
            faults_unknown=whole.faults_unknown,
        )
        for number, name in enumerate(run.phases)
    ]


def not_interleaved(runs: Sequence[AnyRun]) -> list[str]:
    """What to know about repeats that did not take turns."""
    started: dict[str, list[float]] = {}
    for run in runs:
        if (at := run.started) is not None:
            started.setdefault(run.name, []).append(at)
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


def _told_apart(runs: Sequence[AnyRun]) -> list[str]:
    """Names of runs. Locust's files are often called the same, in folders that are not."""
    names = [run.name for run in runs]
    return [run.name if names.count(run.name) == 1 else run.longer_name for run in runs]


def _shown(name: str, runs: Sequence[AnyRun], is_baseline: bool) -> ComparedSide:
    several = [run.shown(name, is_baseline=is_baseline) for run in runs]
    first = several[0]
    return ComparedSide(
        side=Side(name, [source for one in several for source in one.side.sources]),
        card=_card([one.card for one in several], sum(_requests(one) for one in several)),
        tracks=first.tracks,
        settings=first.settings,
        failures=[failure for one in several for failure in one.failures],
        notices=[said for one in several for said in one.notices],
        invalid=next((one.invalid for one in several if one.invalid), ""),
        limits=[said for one in several for said in one.limits],
        method=first.method,
        grids=first.grids,
        faults_unknown=first.faults_unknown,
    )


def _card(cards: Sequence[RunCard], requests: int) -> RunCard:
    first = cards[0]
    if len(cards) == 1:
        return first
    facts = dict(first.facts) | {"requests": f"{count(requests)} in total"}
    if "lasted" in facts:
        facts["lasted"] = f"{facts['lasted']} each"
    started = [dict(card.facts).get("started", "") for card in cards]
    if all(started):
        facts["started"] = f"{min(started)} to {max(started)}"
    return replace(
        first,
        facts=[("runs", f"{count(len(cards))}; the charts show the first"), *facts.items()],
        path=", ".join(card.path for card in cards),
    )


def _requests(shown: ComparedSide) -> int:
    return sum(source.requests() for source in shown.side.sources)
