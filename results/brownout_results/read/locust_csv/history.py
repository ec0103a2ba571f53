"""The history's table as counts and percentiles by row, for the total and each endpoint. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from .history_file import HistoryTable, Key, is_total
from .percentile_windows import known
from .run import Floats
from .running_totals import Positions, grown, held, last_of_each, loaded, widths_of
from .since_start import SinceStart, unrounded

EMPTY = np.empty(0)

DATED = 1e8
"""Earlier times (in 1973) are seconds from some start, or times of a day that is not known."""

ROUNDED = 3
"""Times are rounded if so many rows of all requests have one in the middle."""


@dataclass
class Counts:
    """Counts over time of one endpoint, or of all requests."""

    ok: Floats
    failed: Floats
    percentiles: dict[float, Floats]
    requests: int
    """Requests of the whole run, according to the last row."""
    requests_failed: int
    last_percentiles: dict[float, float]
    since: SinceStart


@dataclass
class OverTime:
    """The history of a run, from the row with the first request."""

    starts: Floats = field(default_factory=lambda: EMPTY)
    widths: Floats = field(default_factory=lambda: EMPTY)
    users: Floats = field(default_factory=lambda: EMPTY)
    began: float | None = None
    total: Counts | None = None
    parts: dict[Key, Counts] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


def over_time(table: HistoryTable, name: str, *, cumulative: bool = False) -> OverTime:
    """Rows of the same moment are one; totals are differenced; what is before the load or after it is cut."""
    found = OverTime()
    totals = [number for number, key in enumerate(table.keys) if is_total(*key)]
    of_total = np.flatnonzero(np.isin(table.key_of, totals))
    if not len(of_total):
        if len(table.key_of):
            found.problems.append(f"{name}: it has no row for all requests (Aggregated), so it is left out")
        return found
    rows = last_of_each(table.stamps[of_total])
    kept = of_total[rows]
    stamps, users = table.stamps[kept], table.users[kept]
    added = grown(table.requests[kept])
    shown = loaded(added, users[1:])
    all_widths = widths_of(stamps, added)
    found.problems += _odd(table, kept, stamps, name)
    widths = all_widths[shown]
    found.widths, found.users = widths, users[1:][shown]
    found.starts = np.concatenate([[0.0], np.cumsum(widths)])[: len(widths)]
    found.began = began if len(widths) and (began := float(stamps[:-1][shown][0])) >= DATED else None
    found.total = _counts(table, of_total, kept, shown, cumulative)
    batch_of = np.searchsorted(of_total, np.arange(len(table.key_of)))
    order = np.argsort(table.key_of, kind="stable")
    edges = np.searchsorted(table.key_of[order], np.arange(len(table.keys) + 1))
    for number, key in enumerate(table.keys):
        if number not in totals and edges[number] < edges[number + 1]:
            mine = order[edges[number] : edges[number + 1]]
            found.parts[key] = _endpoint(table, mine, batch_of[mine], rows, len(of_total), shown, cumulative)
    return found


def _counts(table: HistoryTable, every: Positions, kept: Positions, shown: slice, cumulative: bool) -> Counts:
    return Counts(
        ok=(grown(table.requests[kept]) - grown(table.failed[kept]))[shown],
        failed=grown(table.failed[kept])[shown],
        percentiles=known({one: values[kept][1:][shown] for one, values in table.percentiles.items()}),
        requests=int(_in_all(table.requests[every])),
        requests_failed=int(_in_all(table.failed[every])),
        last_percentiles=_last(table, int(every[-1])),
        since=_since(table, lambda values: values[kept][_edges(shown)], cumulative),
    )


def _endpoint(
    table: HistoryTable,
    mine: Positions,
    batch_of: Positions,
    rows: Positions,
    batches: int,
    shown: slice,
    cumulative: bool,
) -> Counts:
    """Its rows stand before the total's of the same moment; one that the file was cut off behind has none."""
    inside = batch_of < batches
    mine, batch_of = mine[inside], batch_of[inside]
    requests = grown(held(batch_of, table.requests[mine], batches)[rows])
    failed = grown(held(batch_of, table.failed[mine], batches)[rows])
    percentiles = {}
    for percent, values in table.percentiles.items():
        spread = np.full(batches, np.nan)
        spread[batch_of] = values[mine]
        percentiles[percent] = spread[rows][1:][shown]
    return Counts(
        ok=(requests - failed)[shown],
        failed=failed[shown],
        percentiles=known(percentiles),
        requests=int(_in_all(table.requests[mine])),
        requests_failed=int(_in_all(table.failed[mine])),
        last_percentiles={},
        since=_since(
            table, lambda values: held(batch_of, values[mine], batches)[rows][_edges(shown)], cumulative
        ),
    )


def _since(table: HistoryTable, at_edges: Callable[[Floats], Floats], cumulative: bool) -> SinceStart:
    """Return the totals that `at_edges` takes from the columns."""
    mean_ms, mean_off_ms = unrounded(at_edges(table.means), are_truncated=table.is_truncated)
    size, size_off = unrounded(at_edges(table.sizes), are_truncated=table.is_truncated)
    return SinceStart(
        requests=at_edges(table.requests),
        mean_ms=mean_ms,
        mean_off_ms=mean_off_ms,
        size=size,
        size_off=size_off,
        min_ms=at_edges(table.lowest),
        max_ms=at_edges(table.highest),
        percentiles_ms={percent: at_edges(values) for percent, values in table.percentiles.items()}
        if cumulative
        else {},
    )


def _edges(shown: slice) -> slice:
    """The rows before and at the end of each row that is shown."""
    return slice(shown.start, shown.stop + 1)


def _in_all(totals: Floats) -> float:
    """The last total and those that were lost when totals were reset."""
    return float(totals[0] + grown(totals).sum()) if len(totals) else 0.0


def _last(table: HistoryTable, row: int) -> dict[float, float]:
    values = {percent: float(column[row]) for percent, column in table.percentiles.items()}
    return {percent: value for percent, value in values.items() if value > 0}


def _odd(table: HistoryTable, kept: Positions, stamps: Floats, name: str) -> list[str]:
    told = []
    if (before := int(table.requests[kept[0]])) > 0:
        told.append(
            f"{name}: {before:,} {'requests were' if before > 1 else 'request was'} counted before its "
            f"first row; the time is not known"
        )
    if resets := int((np.diff(table.requests[kept]) < 0).sum()):
        told.append(
            f"{name}: its totals were reset {resets:,} {'times' if resets > 1 else 'time'}; requests between "
            "the row before and the reset are missing"
        )
    rows = int(np.isin(table.key_of, np.unique(table.key_of[kept])).sum())
    if rows > ROUNDED * len(kept):
        different = f"{len(kept):,} different time{'s' * (len(kept) > 1)}"
        told.append(
            f"{name}: {rows:,} rows have only {different}, which someone rounded; rows of a time are one"
        )
    if back := int((np.diff(stamps) < 0).sum()):
        told.append(f"{name}: its clock was set back {back:,} {'times' if back > 1 else 'time'}")
    return told
