"""The verdicts of all phases side by side: a row for each figure, a column for each phase."""

from __future__ import annotations

from collections.abc import Sequence

from brownout_results.judge.comparison.sections import PHASE, TOTAL, Section
from brownout_terms.numbers import amount
from brownout_terms.texts import short

from .difference_tables import MEANINGS, shown, unjudged_of
from .document import MatrixCell, MatrixRow, PhaseMatrix, Unjudged

MOST_PHASES = 8


def phase_matrices(found: Sequence[Section], columns: Sequence[str]) -> list[PhaseMatrix]:
    """Return a table for each run that is compared; none where the runs share no phase.

    `columns` are the runs' names, the baseline first.
    """
    phases = [one for one in found if one.kind == PHASE]
    parts = [*(one for one in found if one.kind == TOTAL), *phases[:MOST_PHASES]]
    if not phases:
        return []
    return [
        PhaseMatrix(
            run=name,
            baseline=columns[0],
            columns=["all requests", *(short(one.name) for one in phases[:MOST_PHASES])],
            rows=[row for figure in MEANINGS if (row := _row(figure, parts, number))],
            more=len(phases) - MOST_PHASES,
        )
        for number, name in enumerate(columns[1:])
    ]


def _row(figure: str, parts: Sequence[Section], number: int) -> MatrixRow | None:
    """Return a figure of each part; None if it is in no phase."""
    if not any(figure in one.differences[number] for one in parts if one.kind == PHASE):
        return None
    return MatrixRow(
        figure=figure,
        title=MEANINGS[figure].meaning,
        cells=[_cell(figure, part, number) for part in parts],
    )


def _cell(figure: str, part: Section, number: int) -> MatrixCell | None:
    difference = part.differences[number].get(figure)
    if difference is None:
        return None
    unit, is_good_up = MEANINGS[figure].unit, MEANINGS[figure].is_good_up
    verdicts = part.verdicts[number]
    unjudged: Unjudged = unjudged_of(part.differences[number], verdicts).get(figure, "")
    told = shown(difference, unit, is_good_up, verdicts.get(figure, ""), unjudged)
    return MatrixCell(
        before=amount(difference.before, unit),
        after=told.value,
        change=told.relative or told.absolute,
        verdict=told.verdict,
        why=told.why or told.interval,
        unjudged=told.unjudged,
    )
