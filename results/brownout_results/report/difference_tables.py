"""Sections of a comparison as tables."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Literal

from brownout_results.judge.comparison.changes import changes
from brownout_results.judge.comparison.difference import Difference
from brownout_results.judge.comparison.sections import PHASE, TOTAL, Section
from brownout_results.judge.comparison.verdicts import (
    NOT_IN_FILES,
    TOO_FEW,
    TOO_WIDE,
    margin_of,
)
from brownout_results.measure.figures import FIGURES
from brownout_results.measure.resampling.more_data import MoreData
from brownout_terms.numbers import amount, count, percent
from brownout_terms.texts import short

from .document import FigureRow, FigureTable, ShownDifference, Unjudged

FARTHEST = 10.0
"""A relative difference beyond which an interval's end says nothing but "very far"."""

MEANINGS = {figure.name: figure for figure in FIGURES}


def table(section: Section, names: Sequence[str]) -> FigureTable:
    """The figures of a section, a row each; those that nobody has are left out."""
    figures = [name for name in MEANINGS if any(name in differences for differences in section.differences)]
    rows = [_row(section, name) for name in figures]
    shared = _shared_reason(rows)
    return FigureTable(
        title=_title(section),
        columns=list(names),
        rows=[_without(row, shared[1]) for row in rows] if shared else rows,
        note=f"{_WORDS[shared[0]]}: {shared[1]}." if shared else "",
        is_open=section.kind == TOTAL,
    )


_WORDS: dict[str, str] = {
    TOO_FEW: "Too few to tell a difference from chance",
    NOT_IN_FILES: "Not in the files",
}


def _shared_reason(rows: Sequence[FigureRow]) -> tuple[str, str] | None:
    """Return the verdict and the reason of more than half of the figures; None if they share none."""
    reasons = [
        (other.verdict, other.why) if other.verdict in _WORDS and other.why else None
        for row in rows
        for other in row.others
    ]
    reason, times = Counter(reasons).most_common(1)[0] if reasons else (None, 0)
    return reason if times > len(reasons) / 2 else None


def _without(row: FigureRow, reason: str) -> FigureRow:
    """The row without a reason that stands above all of them."""
    return replace(
        row, others=[replace(other, why="") if other.why == reason else other for other in row.others]
    )


def _title(section: Section) -> str:
    if section.kind == TOTAL:
        return "all requests"
    return f"{'phase' if section.kind == PHASE else 'endpoint'} {short(section.name)}"


def _row(section: Section, name: str) -> FigureRow:
    figure = MEANINGS[name]
    usual = section.figures[0].get(name)
    others = []
    for differences, verdicts in zip(section.differences, section.verdicts, strict=True):
        one = differences.get(name) or Difference(
            before=usual.value if usual else None, after=None, is_log=False
        )
        unjudged: Unjudged = unjudged_of(differences, verdicts).get(name, "")
        others.append(shown(one, figure.unit, figure.is_good_up, verdicts.get(name, ""), unjudged))
    return FigureRow(
        figure=name,
        title=figure.meaning,
        baseline=amount(usual.value if usual else None, figure.unit),
        others=others,
    )


def shown(
    one: Difference, unit: str, is_good_up: bool | None, verdict: str, unjudged: Unjudged = ""
) -> ShownDifference:
    """Write a difference in words; `unjudged`: what it seems to be if it is large and nothing judges it."""
    return ShownDifference(
        value=amount(one.after, unit),
        absolute=amount(one.absolute, unit, signed=True),
        relative=percent(one.relative) if unit != "%" else "",
        interval=interval(one, unit),
        verdict=verdict,
        drawn=_drawn(one),
        is_good_up=is_good_up,
        why=why(one, verdict),
        unjudged=unjudged,
    )


def unjudged_of(
    differences: Mapping[str, Difference], verdicts: Mapping[str, str]
) -> dict[str, Literal["gain", "loss"]]:
    """Return what each figure's change seems to be that is large and that nothing judges."""
    found = [change for change in changes(differences, verdicts) if not change.is_judged]
    return {change.figure: "gain" if change.is_gain else "loss" for change in found}


def why(one: Difference, verdict: str) -> str:
    """Write why the verdict is no other, where one may ask."""
    if one.withheld:
        return one.withheld
    if verdict in (TOO_FEW, NOT_IN_FILES):
        return f"{one.why}; {needed} would do" if (needed := needs(one.more)) else one.why
    is_apart = one.low is not None and one.high is not None and (one.low > 0 or one.high < 0)
    if verdict != TOO_WIDE or not is_apart:
        return ""
    if one.drawn is not None and abs(one.drawn) <= margin_of(one):
        return "larger than chance, but perhaps too small to matter"
    return "with so many figures, this may be chance"


def needs(more: MoreData) -> str:
    """Write how much more data it takes: 40 s more, 600 more requests, 2 more runs."""
    parts = [
        f"{amount(math.ceil(more.seconds), 's')} more" if 0 < more.seconds < math.inf else "",
        f"{count(math.ceil(more.requests))} more requests" if 0 < more.requests < math.inf else "",
        f"{more.runs} more run{'s' * (more.runs != 1)} of each" if more.runs else "",
    ]
    return " and ".join(part for part in parts if part)


def bounds(one: Difference) -> str:
    """Write from where to where a difference may be: relative for ratios, else in its unit."""
    if one.low is None or one.high is None:
        return ""
    if not one.is_log:
        return f"{amount(one.low, one.unit, signed=True)} to {amount(one.high, one.unit, signed=True)}"
    farthest = _farthest(one)
    more = "over " if one.high > farthest else ""
    return f"{percent(one.low)} to {more}{percent(min(one.high, farthest))}"


def interval(one: Difference, unit: str) -> str:
    """The 95 % interval of the difference, with its unit, and in percent if it is one of ratios."""
    if one.low is None or one.high is None or one.before is None:
        return ""
    if one.low == one.high == 0:  # what never varied: nothing to draw or to doubt
        return ""
    if not one.is_log:
        return bounds(replace(one, unit=unit))
    farthest = _farthest(one)
    more = "over " if one.high > farthest else ""
    ends = [(end * one.before, end) for end in (one.low, min(one.high, farthest))]
    (low, lowest), (high, highest) = ((amount(far, unit, signed=True), percent(end)) for far, end in ends)
    return f"{low} to {more}{high} ({lowest} to {more}{highest})"


def _farthest(one: Difference) -> float:
    """The largest end of an interval that is written out: twice the difference itself, at least."""
    return max(FARTHEST, 2 * (one.relative or 0.0))


def _drawn(one: Difference) -> tuple[float, float, float] | None:
    if (
        one.low is None
        or one.high is None
        or one.drawn is None
        or (one.unit in ("s", "/s") and not one.is_log)
        or one.low == one.high == 0
    ):
        return None
    ends = (one.low, one.drawn, one.high)
    return ends if all(map(math.isfinite, ends)) else None
