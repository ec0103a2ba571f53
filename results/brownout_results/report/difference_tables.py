"""Sections of a comparison as tables."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from brownout_results.judge.comparison.difference import Difference
from brownout_results.judge.comparison.sections import PHASE, TOTAL, Section
from brownout_results.judge.comparison.verdicts import NONE_SEEN, TOO_LITTLE, margin_of
from brownout_results.measure.figures import FIGURES
from brownout_terms.numbers import amount, percent
from brownout_terms.texts import short

from .document import FigureRow, FigureTable, ShownDifference

FEW = 4
"""Runs whose phases are shown before someone asks for them: a table has a row for each."""

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
        rows=[_without(row, shared) for row in rows] if shared else rows,
        note=f"Too little data to tell a difference from chance: {shared}." if shared else "",
        is_open=section.kind == TOTAL or (section.kind == PHASE and len(names) <= FEW),
    )


def _shared_reason(rows: Sequence[FigureRow]) -> str:
    """Why there is too little data of more than half of the figures; empty if there is no such reason."""
    reasons = [other.why if other.verdict == TOO_LITTLE else "" for row in rows for other in row.others]
    reason, times = Counter(reasons).most_common(1)[0] if reasons else ("", 0)
    return reason if times > len(reasons) / 2 else ""


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
        others.append(shown(one, figure.unit, figure.is_good_up, verdicts.get(name, "")))
    return FigureRow(
        figure=name,
        title=figure.meaning,
        baseline=amount(usual.value if usual else None, figure.unit),
        others=others,
    )


def shown(one: Difference, unit: str, is_good_up: bool | None, verdict: str) -> ShownDifference:
    """A difference in words."""
    return ShownDifference(
        value=amount(one.after, unit),
        absolute=amount(one.absolute, unit, signed=True),
        relative=percent(one.relative) if unit != "%" else "",
        interval=interval(one, unit),
        verdict=verdict,
        drawn=_drawn(one),
        is_good_up=is_good_up,
        why=_why(one, verdict),
    )


def _why(one: Difference, verdict: str) -> str:
    """Why the verdict is no other, where one may ask."""
    if verdict == TOO_LITTLE:
        return one.why
    is_apart = one.low is not None and one.high is not None and (one.low > 0 or one.high < 0)
    if verdict != NONE_SEEN or not is_apart:
        return ""
    if one.drawn is not None and abs(one.drawn) <= margin_of(one):
        return "larger than chance, but too small to matter"
    return "with so many figures, this may be chance"


def interval(one: Difference, unit: str) -> str:
    """The 95 % interval of the difference, with its unit, and in percent if it is one of ratios."""
    if one.low is None or one.high is None or one.before is None:
        return ""
    if one.low == one.high == 0:  # what never varied: nothing to draw or to doubt
        return ""
    if not one.is_log:
        return f"{amount(one.low, unit, signed=True)} to {amount(one.high, unit, signed=True)}"
    more = "over " if one.high > FARTHEST else ""
    ends = [(end * one.before, end) for end in (one.low, min(one.high, FARTHEST))]
    (low, lowest), (high, highest) = ((amount(far, unit, signed=True), percent(end)) for far, end in ends)
    return f"{low} to {more}{high} ({lowest} to {more}{highest})"


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
