"""Run folders, Locust's own files, and the phases of a run, as the sides of a comparison."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from brownout_results.judge.comparison.sections import Side
from brownout_results.measure.locust_counts import requests_in
from brownout_results.measure.period import Period
from brownout_results.measure.phases import phases
from brownout_results.measure.resampling.locust_source import LocustSource
from brownout_results.measure.resampling.sources import RunSource, Source
from brownout_results.measure.validity import why_no_result
from brownout_results.read.failures import read_failures
from brownout_results.read.locust_csv import LocustRun
from brownout_results.read.run_folder import Run
from brownout_results.record.timestamps import seconds_of
from brownout_results.report.charts.folder_data import track
from brownout_results.report.charts.locust_data import locust_track

from .comparison_report import Shown
from .document import RunCard
from .locust_report import locust_card, locust_limits_of, locust_notices, locust_settings
from .run_report import card, limits_of, name_of, notices
from .run_settings import recorded
from .words import clock, count, short

NOT_INTERLEAVED = (
    "All runs of {first} were before all of {then}: what changed with the time of day can't be told from the "
    "change. Take turns: A B B A."
)


AnyRun = Run | LocustRun


def runs_side_by_side(runs: Sequence[AnyRun]) -> list[Shown]:
    """A side each, the baseline first."""
    names = distinct(_told_apart(runs))
    named = zip(names, runs, strict=True)
    return [_shown(name, [run], number == 0) for number, (name, run) in enumerate(named)]


def repeats_side_by_side(runs: Sequence[AnyRun]) -> list[Shown]:
    """A side for each label, the first run's being the baseline."""
    groups: dict[str, list[AnyRun]] = {}
    for run in runs:
        groups.setdefault(_name_of(run), []).append(run)
    return [_shown(name, group, number == 0) for number, (name, group) in enumerate(groups.items())]


def phases_side_by_side(run: AnyRun) -> list[Shown]:
    """The phases of one run, the first being the baseline."""
    sources = {
        name: LocustSource(run, name) if isinstance(run, LocustRun) else _phase_of(run, name)
        for name in (run.phases if isinstance(run, LocustRun) else phases(run))
    }
    whole = _shown(_name_of(run), [run], is_baseline=True)
    return [
        Shown(
            side=Side(name, [source]),
            card=replace(
                whole.card, name=short(name), is_baseline=number == 0, facts=_phase_facts(run, name, source)
            ),
            tracks=whole.tracks if number == 0 else [],
            settings=whole.settings,
            notices=whole.notices if number == 0 else [],
            invalid=whole.invalid if number == 0 else "",
            limits=whole.limits if number == 0 else [],
        )
        for number, (name, source) in enumerate(sources.items())
    ]


def not_interleaved(runs: Sequence[AnyRun]) -> list[str]:
    """What to know about repeats that did not take turns."""
    started: dict[str, list[float]] = {}
    for run in runs:
        if (at := _started(run)) is not None:
            started.setdefault(_name_of(run), []).append(at)
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
    names = [_name_of(run) for run in runs]
    return [
        run.files[0].resolve().parent.name or name
        if isinstance(run, LocustRun) and names.count(name) > 1
        else name
        for name, run in zip(names, runs, strict=True)
    ]


def _name_of(run: AnyRun) -> str:
    return run.name if isinstance(run, LocustRun) else name_of(run)


def _phase_of(run: Run, name: str) -> Source:
    return RunSource(Period.of(run, phases(run)[name]))


def _phase_facts(run: AnyRun, name: str, source: Source) -> list[tuple[str, str]]:
    if isinstance(run, LocustRun):
        start, end = run.phases[name]
        return [("lasted", clock(end - start)), ("requests", count(requests_in(run, run.total, name)))]
    return [
        ("lasted", clock(sum(map(len, phases(run)[name])))),
        ("requests", count(source.requests())),
    ]


def _shown(name: str, runs: Sequence[AnyRun], is_baseline: bool) -> Shown:
    several = [_one(name, run, is_baseline) for run in runs]
    first = several[0]
    return Shown(
        side=Side(name, [source for one in several for source in one.side.sources]),
        card=_card([one.card for one in several], sum(_requests(one) for one in several)),
        tracks=first.tracks,
        settings=first.settings,
        failures=[failure for one in several for failure in one.failures],
        notices=[said for one in several for said in one.notices],
        invalid=next((one.invalid for one in several if one.invalid), ""),
        limits=[said for one in several for said in one.limits],
    )


def _one(name: str, run: AnyRun, is_baseline: bool) -> Shown:
    if isinstance(run, LocustRun):
        return Shown(
            side=Side(name, [LocustSource(run)]),
            card=locust_card(run, is_baseline=is_baseline, name=name),
            tracks=[locust_track(run, name)] if run.total.requests else [],
            settings=dict(locust_settings(run)),
            failures=run.failures,
            notices=locust_notices(run),
            invalid=why_no_result(run) or "",
            limits=locust_limits_of(run),
        )
    return Shown(
        side=Side(name, [RunSource(Period.of(run))]),
        card=card(run, is_baseline=is_baseline, name=name),
        tracks=[track(run, name)],
        settings=recorded(run),
        failures=read_failures(run.folder),
        notices=notices(run),
        invalid=why_no_result(run) or "",
        limits=limits_of(run),
    )


def _card(cards: Sequence[RunCard], requests: int) -> RunCard:
    first = cards[0]
    if len(cards) == 1:
        return first
    facts = dict(first.facts) | {"requests": f"{count(requests)} in all"}
    if "lasted" in facts:
        facts["lasted"] = f"{facts['lasted']} each"
    started = [dict(card.facts).get("started", "") for card in cards]
    if all(started):
        facts["started"] = f"{min(started)} to {max(started)}"
    return replace(
        first,
        facts=[("runs", f"{count(len(cards))}, of which the charts draw the first"), *facts.items()],
        path=", ".join(card.path for card in cards),
    )


def _requests(shown: Shown) -> int:
    return sum(source.requests() for source in shown.side.sources)


def _started(run: AnyRun) -> float | None:
    if isinstance(run, LocustRun):
        return run.began
    try:
        return seconds_of(run.manifest["started"])
    except (KeyError, TypeError, ValueError):
        return None
