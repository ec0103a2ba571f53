"""The part of a run that a report covers: phases by their seconds, without the ramp-up. Pure.

Seconds count from the first request, on which runs are aligned.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from brownout_results.read.locust_csv import Lack, LocustRun, RequestStats
from brownout_results.read.run_folder import Run
from brownout_results.read.run_folder.intervals import inside
from brownout_terms.durations import DurationError, parse_duration, write_duration

from .phases import load_seconds

Floats = NDArray[np.float64]

RAMPED_UP = 0.95
"""A load has ramped up when it first reaches this share of its highest."""

_PHASE = re.compile(r"(?P<name>[^=]+)=(?P<start>.+?)\.\.(?P<end>.*)")


class SelectionError(Exception):
    """A phase or a selection is invalid; the message says what is allowed."""


@dataclass(frozen=True)
class Phase:
    """A phase by its seconds from the first request; without an end it lasts as long as the run."""

    name: str
    start_s: float
    end_s: float


def parse_phase(text: str) -> Phase:
    """Parse a phase such as `baseline=0..30` or `recovery=1m..`. Raises SelectionError."""
    match = _PHASE.fullmatch(text.strip())
    if match is None:
        raise SelectionError(_not_a_phase(text))
    try:
        start = parse_duration(match["start"])
        end = parse_duration(match["end"]) if match["end"] else math.inf
    except DurationError as error:
        raise SelectionError(_not_a_phase(text)) from error
    if end <= start:
        ends, begins = write_duration(end), write_duration(start)
        raise SelectionError(f'"{text}": the phase ends at {ends}, before it begins at {begins}.')
    return Phase(match["name"].strip(), start, end)


def _not_a_phase(text: str) -> str:
    return (
        f'"{text}" is not a phase; allowed: its name, and when it begins and ends after the first request, '
        "such as baseline=0..30, fault=30s..1m30s or recovery=90.. (to the end)."
    )


def with_phases(run: Run, phases: Sequence[Phase]) -> Run:
    """Return the run with these phases in place of those that were marked. Raises `SelectionError`."""
    seconds = load_seconds(run)
    found: dict[str, list[range]] = {}
    for phase in phases:
        _check(phase, float(len(seconds)))
        first = seconds.start + math.ceil(phase.start_s)
        last = min(float(seconds.stop), seconds.start + phase.end_s)
        found.setdefault(phase.name, []).append(range(first, max(first, math.floor(last))))
    return replace(run, named_phases=found)


def files_with_phases(run: LocustRun, phases: Sequence[Phase]) -> LocustRun:
    """Return the run with these phases. Raises `SelectionError`."""
    length = run.duration_s
    if length is None:
        raise SelectionError(f'"{run.path}" has no phases: it has no history (PREFIX_stats_history.csv).')
    for phase in phases:
        _check(phase, length)
    return replace(run, phases={one.name: (one.start_s, min(one.end_s, length)) for one in phases})


def ramp_up_s(run: Run) -> float:
    """Return how long the load took to come near its maximum; 0 if that is not known."""
    seconds = load_seconds(run)
    rows = run.load.where(inside(run.load.ints("second"), [seconds]))
    is_closed = np.isnan(rows.floats("lateness_p50_ms"))
    levels = np.zeros(len(seconds))
    levels[rows.ints("second") - seconds.start] = np.where(
        is_closed, rows.ints("users"), rows.ints("offered")
    )
    return _ramp_up_s(levels, np.arange(len(seconds), dtype=np.float64))


def files_ramp_up_s(run: LocustRun) -> float:
    """Return the same for Locust's own files."""
    return _ramp_up_s(run.users, run.starts)


def _ramp_up_s(levels: Floats, times: Floats) -> float:
    known = np.nan_to_num(levels)
    if not len(known) or known.max() <= 0:
        return 0.0
    return float(times[int(np.argmax(known >= RAMPED_UP * known.max()))])


def without_start(run: Run, seconds: float) -> Run:
    """Return the run without its first seconds. Raises `SelectionError` if nothing is left."""
    whole = load_seconds(run)
    _check_cut(seconds, float(len(whole)))
    if seconds <= 0:
        return run
    first = whole.start + math.ceil(seconds)
    return replace(
        run,
        intervals=run.intervals.all_from(first),
        load=run.load.where(run.load.ints("second") >= first),
        uncut=run.uncut or run,
    )


def files_without_start(run: LocustRun, seconds: float) -> LocustRun:
    """Return the run without its first seconds. Raises SelectionError if nothing is left or left out."""
    if run.duration_s is None:
        raise SelectionError(
            f'Nothing can be left out of "{run.path}": it has no history (PREFIX_stats_history.csv).'
        )
    _check_cut(seconds, run.duration_s)
    first = int(np.searchsorted(run.starts, seconds))
    if first == 0:
        return run
    cut_s = float(run.starts[first]) if first < len(run.starts) else run.duration_s
    return replace(
        run,
        starts=run.starts[first:] - cut_s,
        widths=run.widths[first:],
        users=run.users[first:],
        began=None if run.began is None else run.began + cut_s,
        total=_part_from(run.total, first),
        endpoints=[_part_from(part, first) for part in run.endpoints if len(part.ok_in)],
        phases=_moved(run.phases, cut_s),
        skipped_s=run.skipped_s + cut_s,
        lacks=list(dict.fromkeys([*run.lacks, Lack.PERCENTILES_NOT_CUT])),
    )


def _part_from(part: RequestStats, first: int) -> RequestStats:
    ok, failed = part.ok_in[first:], part.failed_in[first:]
    return RequestStats(
        method=part.method,
        name=part.name,
        requests=int(ok.sum() + failed.sum()),
        failed=int(failed.sum()),
        ok_in=ok,
        failed_in=failed,
        percentiles_in={percent: values[first:] for percent, values in part.percentiles_in.items()},
        since=part.since.from_row(first) if part.since else None,
    )


def _moved(phases: Mapping[str, tuple[float, float]], by: float) -> dict[str, tuple[float, float]]:
    return {name: (max(start - by, 0.0), end - by) for name, (start, end) in phases.items() if end > by}


def _check(phase: Phase, length: float) -> None:
    if phase.start_s >= length:
        raise SelectionError(
            f'The phase "{phase.name}" begins at {phase.start_s:g} s, but the run has only {length:g} s '
            "of load."
        )


def _check_cut(seconds: float, length: float) -> None:
    if seconds >= length:
        raise SelectionError(f"{seconds:g} s are to be left out, but the run has only {length:g} s of load.")
