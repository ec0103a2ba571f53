"""Runs on one axis of time: their first faults begin together, or else their first requests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from brownout_results.measure.recovery import Recovery
from brownout_results.measure.timeline import FaultPeriod, TimelineMark

from .data import ChartData

LEAST_S = 1.0
"""Faults that begin so near to each other need no shift."""


def shifts(tracks: Sequence[ChartData]) -> list[float]:
    """Return by how many seconds to move each run to the right, so that the first fault of each begins when
    the latest does; nothing where a run has no fault."""
    begins = [min((band.start for band in track.bands), default=None) for track in tracks]
    known = [begin for begin in begins if begin is not None]
    if len(known) < max(len(tracks), 2) or max(known) - min(known) <= LEAST_S:
        return [0.0] * len(tracks)
    return [max(known) - begin for begin in known]


def aligned(tracks: Sequence[ChartData]) -> list[ChartData]:
    """Return the runs, shifted so."""
    return [shifted(track, by) for track, by in zip(tracks, shifts(tracks), strict=True)]


def shifted(track: ChartData, by: float) -> ChartData:
    """Return the run with everything so many seconds later."""
    if not by:
        return track
    return replace(
        track,
        seconds=track.seconds + by,
        bounds_ms=[replace(one, start=one.start + by, end=one.end + by) for one in track.bounds_ms],
        bands=[FaultPeriod(one.start + by, one.end + by, one.label) for one in track.bands],
        moments=[TimelineMark(one.at + by, one.kind, one.label) for one in track.moments],
        lanes={
            name: [replace(one, start=one.start + by, end=one.end + by) for one in lane]
            for name, lane in track.lanes.items()
        },
        stalls=[one.since(-by) for one in track.stalls],
        recoveries=[Recovery(one.fault_end + by, one.seconds) for one in track.recoveries],
    )
