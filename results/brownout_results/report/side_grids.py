"""Tables of single runs as tables of a comparison: a row for each run, below each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from brownout_terms.numbers import NONE, count

from .document import Grid

MOST_ROWS = 120
"""Rows of one table, of all runs."""


def side_by_side(grids: Sequence[Sequence[Grid]], names: Sequence[str]) -> list[Grid]:
    """Combine tables of one title: what they say of one thing stands together. `grids` are those of each run.

    A run that lacks what others have shows dashes.
    """
    titles = dict.fromkeys(grid.title for of_run in grids for grid in of_run)
    return [
        _together([next((one for one in of_run if one.title == title), None) for of_run in grids], names)
        for title in titles
    ]


def _together(grids: Sequence[Grid | None], names: Sequence[str]) -> Grid:
    known = [grid for grid in grids if grid]
    keys = known[0].keys
    header = list(dict.fromkeys(name for grid in known for name in grid.header[keys:]))
    said: dict[tuple[str, ...], list[dict[str, str]]] = {}
    for number, grid in enumerate(grids):
        for row in grid.rows if grid else ():
            of_runs = said.setdefault(tuple(row[:keys]), [{} for _ in grids])
            of_runs[number] = dict(zip(grid.header[keys:], row[keys:], strict=True)) if grid else {}
    rows = [
        [*key, name, *(cells.get(column, NONE) for column in header)]
        for key, of_runs in said.items()
        for name, cells in zip(names, of_runs, strict=True)
    ]
    most = max(MOST_ROWS // len(names), 1) * len(names)
    more = f"{count(len(rows) - most)} more rows are in the reports of the runs." if len(rows) > most else ""
    return replace(
        known[0],
        header=[*known[0].header[:keys], "run", *header],
        rows=rows[:most],
        note=" ".join(part for part in (known[0].note, more) if part),
        is_detail=True,
    )
