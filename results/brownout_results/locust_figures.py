"""What Locust's own files come to in figures, named as those of a run folder. Pure.

A figure that the files don't tell is missing. Rates are over the history's rows without the first and the
last, which are partial.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from brownout_results.locust_csv import LocustRun, Part

PERCENTILES = {"p50": 50.0, "p90": 90.0, "p95": 95.0, "p99": 99.0, "p99.9": 99.9}
Rows = NDArray[np.bool_]


def figures_of(run: LocustRun, part: Part) -> dict[str, float]:
    """Of the whole run: rates per second, availability as a share of 1, percentiles in ms."""
    found = _rates(run, part, inner(run)) or _rates_of_table(part)
    if part.requests:
        found["availability"] = 1 - part.failed / part.requests
    known = {name: part.percentiles_ms.get(percent) for name, percent in PERCENTILES.items()}
    return found | {name: value for name, value in known.items() if value is not None}


def figures_in(run: LocustRun, part: Part, phase: str) -> dict[str, float]:
    """Of a phase: no percentiles, since those in the history can't be added up."""
    rows = rows_in(run, *run.phases[phase])
    found = _rates(run, part, rows & inner(run))
    if len(part.ok_in):
        ok, failed = np.nansum(part.ok_in[rows]), np.nansum(part.failed_in[rows])
        if ok + failed:
            found["availability"] = float(ok / (ok + failed))
    return found


def requests_in(run: LocustRun, part: Part, phase: str) -> int:
    """Requests that ended in a phase."""
    rows = rows_in(run, *run.phases[phase])
    return int(np.nansum(part.ok_in[rows] + part.failed_in[rows])) if len(part.ok_in) else 0


def rows_in(run: LocustRun, start: float, end: float) -> Rows:
    """The rows that lie wholly between these seconds."""
    inside: Rows = (run.starts >= start - 1e-6) & (run.starts + run.widths <= end + 1e-6)
    return inside


def inner(run: LocustRun) -> Rows:
    """All rows but the first and the last, which hold only a part of what a full one would."""
    rows = np.ones(len(run.starts), bool)
    rows[:1] = rows[-1:] = False
    return rows


def _rates(run: LocustRun, part: Part, rows: Rows) -> dict[str, float]:
    if not len(part.ok_in) or not rows.any():
        return {}
    seconds = float(run.widths[rows].sum())
    ok, failed = float(np.nansum(part.ok_in[rows])), float(np.nansum(part.failed_in[rows]))
    return {"goodput": ok / seconds, "throughput": (ok + failed) / seconds}


def _rates_of_table(part: Part) -> dict[str, float]:
    if part.rate is None or not part.requests:
        return {}
    return {"goodput": part.rate * (1 - part.failed / part.requests), "throughput": part.rate}
