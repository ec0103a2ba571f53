"""The report of a comparison: runs against a baseline, or the phases of a run against its first."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from brownout_results.judge.comparison.failures import OtherFailures, bare_reason, other_failures
from brownout_results.judge.comparison.sections import (
    ENDPOINTS,
    Section,
    Side,
    added_and_removed,
    has_repeats,
    sections,
)
from brownout_results.read.failure_shapes import first_of_each
from brownout_results.read.failures import Failure
from brownout_results.read.run_folder.heap import give_back
from brownout_results.report.charts.data import ChartData
from brownout_terms.numbers import count
from brownout_terms.texts import brief, listed, short

from .causes import SHOWN, causes
from .comparison_methods import methods
from .comparison_sentences import sentences, tone
from .difference_tables import table, unjudged_of, why
from .document import Chart, Document, Download, Grid, RunCard, Setting
from .figure_meanings import meanings
from .phase_matrix import phase_matrices
from .run_report import charts
from .run_settings import settings
from .side_grids import side_by_side
from .swept import swept
from .users_notice import users_differ

MOST_DETAILED = 10
"""Runs whose timelines are drawn, and whose phases and endpoints have tables; the download has all."""

ENOUGH = 3
"""Runs that repeat each other, below which the report says that they are few."""


@dataclass(frozen=True, kw_only=True, eq=False)
class ComparedSide:
    """A side of the comparison as the report shows it."""

    side: Side
    card: RunCard
    tracks: Sequence[ChartData]
    """What the charts draw of it; of runs that repeat each other, the first."""

    settings: Mapping[str, Any] = field(default_factory=dict)
    failures: Sequence[Failure] = ()
    notices: Sequence[str] = ()
    limits: Sequence[str] = ()
    invalid: str = ""
    """Why it says nothing about its target."""

    method: str
    """How figures are taken from its source: a sentence or two."""

    grids: Sequence[Grid] = ()
    """Tables that its own report has beside figures; of runs that repeat each other, the first's."""

    faults_unknown: str = ""
    """Why the source does not tell what was done to the target; empty if it tells."""


def report_of_comparison(
    shown: Sequence[ComparedSide], made: str, notices: Sequence[str] = (), title: str = ""
) -> Document:
    """The report of these sides, the baseline first. `made` says by what and when."""
    sides = [one.side for one in shown]
    give_back()  # what it took to look at each run, and then what it took to compare them
    found = sections(sides)
    give_back()
    names = [short(side.name) for side in sides]
    columns = brief([side.name for side in sides])
    requests = [sum(source.requests() for source in side.sources) for side in sides]
    wrong = causes([(one.failures, total) for one, total in zip(shown, requests, strict=True)])
    differing, shared = settings([one.settings for one in shown])
    invalid = _invalid(shown)
    others = _other_failures(shown, requests)
    return Document(
        title=title or f"{names[0]} → {listed(names[1:], 3)}",
        sentences=sentences(found, columns, _faults(shown), invalid, others),
        tone="" if invalid else tone(found, others),
        made=made,
        runs=[one.card for one in shown],
        notices=[
            *notices,
            *_notices(shown),
            *users_differ([track for one in shown for track in one.tracks]),
            *_seen_differently(sides),
        ],
        meanings=meanings(
            dict.fromkeys(one for section in found for side in section.differences for one in side)
        ),
        matrices=phase_matrices(found, columns) if len(sides) <= MOST_DETAILED else [],
        tables=[one for section in _detailed(found, sides) if (one := table(section, columns)).rows],
        grids=[*_endpoints_grid(sides), *side_by_side([one.grids for one in shown], columns)],
        charts=_charts(shown, found, differing, names),
        causes=wrong[:SHOWN],
        causes_note=_causes_note(len(wrong)),
        differing=differing,
        shared=shared,
        methods=methods(found, sides, list(dict.fromkeys(one.method for one in shown))),
        limits=_limits(shown, sides),
        downloads=[download(found, names)],
        differences=differences_of(found, names),
    )


def _other_failures(shown: Sequence[ComparedSide], requests: Sequence[int]) -> list[OtherFailures | None]:
    """Return what fails in each side instead of what failed in the baseline."""
    texts = list(dict.fromkeys(failure.error for one in shown for failure in one.failures))
    bare = {text: bare_reason(text) for text in texts}
    first = first_of_each(list(bare.values()))
    named: dict[str, str] = {}
    for text in texts:
        named.setdefault(first[bare[text]], text)
    reason = {text: named[first[bare[text]]] for text in texts}
    counted: list[Counter[str]] = []
    for one in shown:
        counts: Counter[str] = Counter()
        for failure in one.failures:
            counts[reason[failure.error]] += failure.occurrences
        counted.append(counts)
    return [
        other_failures(counted[0], requests[0], counts, more)
        for counts, more in zip(counted[1:], requests[1:], strict=True)
    ]


def _detailed(found: Sequence[Section], sides: Sequence[Side]) -> Sequence[Section]:
    """Return the sections that have a table: of very many runs that of all requests, which is long enough."""
    return found if len(sides) <= MOST_DETAILED else found[:1]


def _charts(
    shown: Sequence[ComparedSide],
    found: Sequence[Section],
    differing: Sequence[Setting],
    names: Sequence[str],
) -> list[Chart]:
    """Return the sweep first, if the runs are one, then the charts of the first runs."""
    drawn = charts([track for one in shown[:MOST_DETAILED] for track in one.tracks])
    if len(shown) > MOST_DETAILED:
        from .charts.every_run import every_run  # Plotly takes a while

        note = f"The first {MOST_DETAILED} of {len(shown)} runs, all of which stand above. "
        drawn = [replace(chart, note=note + chart.note, is_first=False) for chart in drawn]
        several = every_run([track for one in shown for track in one.tracks])
        drawn = [several, *drawn] if several else drawn
    sweep = swept(differing, len(shown))
    if sweep is None:
        return drawn
    from .charts.sweep_chart import sweep_chart  # Plotly takes a while

    first = sweep_chart(sweep, found[0].figures, names)
    return [first, *drawn] if first else drawn


def _invalid(shown: Sequence[ComparedSide]) -> str:
    """What to say first if a run says nothing: a sentence."""
    found = [one for one in shown if one.invalid]
    if not found:
        return ""
    names = listed([short(one.side.name) for one in found], 4)
    those = "is invalid" if len(found) == 1 else "are invalid"
    return f"{names} {those}, so this comparison says nothing about the target: {found[0].invalid}."


def _faults(shown: Sequence[ComparedSide]) -> str:
    """What to say of faults where no recovery is told."""
    if unknown := next((one.faults_unknown for one in shown if one.faults_unknown), ""):
        return unknown
    return "" if any(track.bands for one in shown for track in one.tracks) else "no fault was set in the runs"


def _notices(shown: Sequence[ComparedSide]) -> list[str]:
    return _said_by([(one.side.name, one.notices) for one in shown])


def _said_by(those: Sequence[tuple[str, Sequence[str]]]) -> list[str]:
    """Return each sentence once, behind the names of the runs that it is said of."""
    names: dict[str, list[str]] = {}
    for name, sentences_of in those:
        for said in dict.fromkeys(sentences_of):
            names.setdefault(said, []).append(short(name))
    everyone = len(those) > 1
    return [
        f"{'All runs' if everyone and len(of) == len(those) else listed(of, 4)}: {said}"
        for said, of in names.items()
    ]


def _limits(shown: Sequence[ComparedSide], sides: Sequence[Side]) -> list[str]:
    told = _said_by([(one.side.name, one.limits) for one in shown])
    if not has_repeats(sides):
        told.append(
            "One run of each says nothing about how runs vary, for example with a noisy neighbour or a "
            "warm cache: repeat both in turns, and compare with --repeats."
        )
    elif min(len(side.sources) for side in sides) < ENOUGH:
        told.append(
            f"Fewer than {ENOUGH} runs of one side say little about how runs vary, so intervals are wide: "
            f"repeat more often."
        )
    return list(dict.fromkeys(told))


def _causes_note(seen: int) -> str:
    if seen > SHOWN:
        return f"The {SHOWN} most frequent of {count(seen)}; the run folders contain all."
    return "" if seen else "No cause of a failure was recorded."


def _seen_differently(sides: Sequence[Side]) -> list[str]:
    told = []
    for name, added, removed in added_and_removed(sides):
        parts = [
            f"{what} {listed([short(' '.join(one)) for one in those], 6)}"
            for what, those in (("also has", added), ("lacks", removed))
            if those
        ]
        told.append(f"{short(name)} {' and '.join(parts)}, compared with {short(sides[0].name)}.")
    return told


def _endpoints_grid(sides: Sequence[Side]) -> list[Grid]:
    """Endpoints that are not in all sides, with their requests."""
    changed = added_and_removed(sides)
    rows = []
    for name, added, removed in changed:
        rows += [[short(" ".join(one)), "added", short(name)] for one in added[:ENDPOINTS]]
        rows += [[short(" ".join(one)), "removed", short(name)] for one in removed[:ENDPOINTS]]
    if not rows:
        return []
    more = sum(max(len(those) - ENDPOINTS, 0) for _, *both in changed for those in both)
    note = f"{count(more)} more are not listed." if more else ""
    return [Grid(title="Endpoints added and removed", header=["endpoint", "", "in"], rows=rows, note=note)]


COLUMNS = {
    "of": "of",
    "name": "name",
    "figure": "figure",
    "unit": "unit (% is a share of 1)",
    "run": "run",
    "before": "baseline",
    "after": "value",
    "absolute": "absolute difference",
    "relative": "relative difference",
    "interval": "interval is",
    "low": "95 % low",
    "high": "95 % high",
    "p": "p",
    "verdict": "verdict",
    "unjudged": "large, not judged",
    "why": "why not",
}
"""Fields of a difference in summary.json, and the heads of their columns in the download."""


def differences_of(found: Sequence[Section], names: Sequence[str]) -> list[dict[str, str | float | None]]:
    """Return every figure and difference, unrounded, by the fields of COLUMNS."""
    return [
        {
            "of": section.kind,
            "name": short(section.name),
            "figure": figure,
            "unit": one.unit or None,
            "run": names[number],
            "before": _finite(one.before),
            "after": _finite(one.after),
            "absolute": _finite(one.absolute),
            "relative": _finite(one.relative),
            "interval": "relative" if one.is_log else "absolute",
            "low": _finite(one.low),
            "high": _finite(one.high),
            "p": _finite(one.p),
            "verdict": verdicts.get(figure) or None,
            "unjudged": unjudged.get(figure),
            "why": why(one, verdicts.get(figure, "")) or None,
        }
        for section in found
        for number, (differences, verdicts) in enumerate(
            zip(section.differences, section.verdicts, strict=True), start=1
        )
        for unjudged in [unjudged_of(differences, verdicts)]
        for figure, one in differences.items()
    ]


def download(found: Sequence[Section], names: Sequence[str]) -> Download:
    """Return every figure and difference as a table."""
    rows = [list(row.values()) for row in differences_of(found, names)]
    return Download(
        name="brownout-comparison.csv",
        title="Figures and differences as CSV",
        header=list(COLUMNS.values()),
        columns=[list(column) for column in zip(*rows, strict=True)],
    )


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None
