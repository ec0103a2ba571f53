"""Sections of a comparison as tables."""

from __future__ import annotations

import math
from collections.abc import Sequence

from results.compare.difference import Difference as Found
from results.compare.sections import PHASE, TOTAL, Section
from results.figures import FIGURES

from .document import Difference, Row, Table
from .words import amount, percent, short

MEANINGS = {figure.name: figure for figure in FIGURES}


def table(section: Section, names: Sequence[str]) -> Table:
    """The figures of a section, a row each; those that nobody has are left out."""
    figures = [name for name in MEANINGS if any(name in differences for differences in section.differences)]
    return Table(
        title=_title(section),
        columns=list(names),
        rows=[_row(section, name) for name in figures],
        is_open=section.kind != "endpoint",
    )


def _title(section: Section) -> str:
    if section.kind == TOTAL:
        return "all requests"
    return f"{'phase' if section.kind == PHASE else 'endpoint'} {short(section.name)}"


def _row(section: Section, name: str) -> Row:
    figure = MEANINGS[name]
    usual = section.figures[0].get(name)
    others = []
    for differences, verdicts in zip(section.differences, section.verdicts, strict=True):
        one = differences.get(name) or Found(before=usual.value if usual else None, after=None, is_log=False)
        others.append(shown(one, figure.unit, figure.is_good_up, verdicts.get(name, "")))
    return Row(
        figure=name,
        title=figure.meaning,
        baseline=amount(usual.value if usual else None, figure.unit),
        others=others,
    )


def shown(one: Found, unit: str, is_good_up: bool | None, verdict: str) -> Difference:
    """A difference in words."""
    return Difference(
        value=amount(one.after, unit),
        absolute=amount(one.absolute, unit, signed=True),
        relative=percent(one.relative) if unit != "%" else "",
        interval=interval(one, unit),
        verdict=verdict,
        drawn=_drawn(one),
        is_good_up=is_good_up,
        why=one.why if verdict == "too little data" else "",
    )


def interval(one: Found, unit: str) -> str:
    """The 95 % interval of the difference, with its unit, and in percent if it is one of ratios."""
    if one.low is None or one.high is None or one.before is None:
        return ""
    if not one.is_log:
        return f"{amount(one.low, unit, signed=True)} to {amount(one.high, unit, signed=True)}"
    ends = [amount(end * one.before, unit, signed=True) for end in (one.low, one.high)]
    return f"{ends[0]} to {ends[1]} ({percent(one.low)} to {percent(one.high)})"


def _drawn(one: Found) -> tuple[float, float, float] | None:
    if (
        one.low is None
        or one.high is None
        or one.drawn is None
        or (one.unit in ("s", "/s") and not one.is_log)
    ):
        return None
    ends = (one.low, one.drawn, one.high)
    return ends if all(map(math.isfinite, ends)) else None
