"""A history's rows as one run's: without those of other runs, and in the order of their time. Pure."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from brownout_terms.durations import write_duration
from brownout_terms.texts import listed

from .history_file import HistoryTable
from .run import Floats

PAUSE_S = 10.0
"""Rows of a run are a few seconds apart at most; a load generator starts again after a longer time."""

PAUSE_ROWS = 5
FAR = 20
"""A moment so many times further from the middle of the run than most is none of its moments."""

SPIKE = 10
"""A row that counts so many times as much as rows do, and after which counting goes on as before it."""


def parts_of(table: HistoryTable) -> list[HistoryTable]:
    """The runs in a table, in its order. Locust 0.13.3 to 1.1 appended to the file of the run before.

    Totals that fall alone are no new run: they are reset with --reset-stats, without a pause.
    """
    at = table.of_total
    stamps, requests, lines = table.stamps[at], table.requests[at], table.lines[at]
    gaps = np.abs(np.diff(stamps))
    usual = float(np.median(gaps[gaps > 0])) if (gaps > 0).any() else 1.0
    paused = gaps > max(PAUSE_S, PAUSE_ROWS * usual)
    falls = np.diff(requests) < 0
    headers = np.array(table.headers, np.int64)
    headed = np.searchsorted(headers, lines[1:]) > np.searchsorted(headers, lines[:-1])
    starts = np.flatnonzero((falls & (paused | headed)) | (headed & paused))
    if not len(starts):
        return [table]
    edges = [0, *(int(at[start]) + 1 for start in starts), len(table.key_of)]
    spans = [np.arange(low, high) for low, high in pairwise(edges)]
    return [table.rows(span) for span in spans if table.requests[span].any()] or [table]


def told_of(parts: list[HistoryTable], part: int, name: str) -> str:
    """The sentence on a file with several runs, of which one (from 1) is read."""
    pause = float(abs(parts[1].stamps[0] - parts[0].stamps[-1])) if len(parts) == 2 else 0.0
    apart = f", {write_duration(round(pause))} apart" if pause else ""
    others = [f"--part {number}" for number in range(1, len(parts) + 1) if number != part]
    which = "the last of them is read" if part == len(parts) else f"number {part} of them is read"
    rest = f"{listed(others)} for the other{'s' * (len(others) > 1)}"
    return f"{name} contains {len(parts)} runs{apart}; {which} ({rest})"


def tidied(table: HistoryTable, name: str) -> tuple[HistoryTable, list[str]]:
    """The rows of one run without those that can't be of it, and a sentence on each kind of those."""
    problems: list[str] = []
    for tidy in (_near, _in_order, _counting, _not_reset_at_the_end):
        table, problem = tidy(table)
        problems += [f"{name}{problem}"] if problem else []
    return table, problems


def _near(table: HistoryTable) -> tuple[HistoryTable, str]:
    """Without rows of a far future or past, if there are few."""
    distance = np.abs(table.stamps - np.median(table.stamps)) if len(table.stamps) else np.empty(0)
    far = distance > max(FAR * (float(np.median(distance)) if len(distance) else 0.0), 86_400.0)
    if not far.any() or far.sum() > max(1, len(far) // 20):
        return table, ""
    line = int(table.lines[far][0])
    return table.rows(np.flatnonzero(~far)), (
        f", line {line}: its time is far from all others'; {_left_out(int(far.sum()))}"
    )


def _in_order(table: HistoryTable) -> tuple[HistoryTable, str]:
    """Sorted by time, if totals then grow that fell before."""
    at = table.of_total
    stamps, requests = table.stamps[at], table.requests[at]
    back = np.diff(stamps) < 0
    if not back.any():
        return table, ""
    order = np.argsort(stamps, kind="stable")
    if (np.diff(requests[order]) < 0).any():
        return table, ""
    line = int(table.lines[at][1:][back][0])
    told = (
        f", line {line}: its time is before that of the row above; rows were put in the order of their time"
    )
    return table.rows(np.argsort(table.stamps, kind="stable")), told


def _counting(table: HistoryTable) -> tuple[HistoryTable, str]:
    """Without single rows whose total is below or far above those of the rows around."""
    at = table.of_total
    odd = odd_totals(table.requests[at])
    if not odd.any():
        return table, ""
    line = int(table.lines[at][odd][0])
    keep = np.ones(len(table.key_of), bool)
    keep[at[odd]] = False
    return table.rows(np.flatnonzero(keep)), (
        f", line {line}: its total does not fit those of the rows around; {_left_out(int(odd.sum()))}"
    )


def odd_totals(totals: Floats) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Whether each total is a single one that does not fit: the next goes on from the one before."""
    odd = np.zeros(len(totals), bool)
    if len(totals) < 3:
        return odd
    before, this, after = totals[:-2], totals[1:-1], totals[2:]
    growth = np.diff(totals)
    usual = float(np.median(growth[growth > 0])) if (growth > 0).any() else 0.0
    goes_on = after >= before
    # After a reset the next row adds as much as rows do; after a row that is wrong, it adds as much as two.
    is_reset = np.abs(after - this - usual) < np.abs(after - before - 2 * usual)
    dip = (this < before) & goes_on & (before > 0) & ~is_reset
    spike = (this > after) & goes_on & (this - before > SPIKE * np.maximum(usual, after - before))
    odd[1:-1] = dip | spike
    return odd


def _not_reset_at_the_end(table: HistoryTable) -> tuple[HistoryTable, str]:
    """Without rows of zeros after the load: somebody reset the totals, but requests were sent."""
    at = table.of_total
    busy = np.flatnonzero(table.requests[at] > 0)
    if not len(busy) or busy[-1] == len(at) - 1:
        return table, ""
    last = int(at[busy[-1]])
    line = int(table.lines[at][busy[-1] + 1])
    return table.rows(np.arange(last + 1)), (
        f", line {line}: totals were reset to 0 and stayed 0; the rows from there on are left out"
    )


def _left_out(count: int) -> str:
    return "the row is left out" if count == 1 else f"{count:,} such rows are left out"
