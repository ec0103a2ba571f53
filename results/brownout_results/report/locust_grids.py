"""Tables of what only some of Locust's files tell: sizes, peaks, exceptions, when requests failed."""

from __future__ import annotations

from datetime import UTC, datetime

from brownout_results.measure.locust_counts import bounds_in, peak_rate
from brownout_results.read.exceptions import way
from brownout_results.read.locust_csv import LocustRun
from brownout_terms.numbers import NONE, amount, count
from brownout_terms.texts import short

from .document import Grid
from .run_report import ENDPOINTS

MOST = 20
WIDEST = 200
"""Letters of the way to an exception that are shown."""


PERCENTS = (50.0, 95.0, 99.0)


def grids_beside(run: LocustRun) -> list[Grid]:
    """What a comparison shows of the run beside the figures that it judges."""
    return [grid for grid in (bounds_of(run), more_of(run), seen_of(run), exceptions_of(run)) if grid]


def bounds_of(run: LocustRun) -> Grid | None:
    """Percentiles of phases where they are bounded: of a history whose percentiles are cumulative."""
    bounds = {name: bounds_in(run, run.total, name) for name in run.phases}
    if not any(bounds.values()):
        return None
    return Grid(
        title="Percentiles of phases, within bounds",
        header=["phase", *(f"p{percent:g}" for percent in PERCENTS)],
        rows=[
            [
                short(name),
                *(
                    f"{amount(low, 'ms')} to {amount(high, 'ms')}" if high else NONE
                    for low, high in (of.get(percent, (0.0, 0.0)) for percent in PERCENTS)
                ),
            ]
            for name, of in bounds.items()
        ],
        note="The history's percentiles count from the start of the run, so those of a phase are bounds.",
    )


def more_of(run: LocustRun) -> Grid | None:
    """Mean, least and most, size and peak rate, of all requests and of the busiest endpoints."""
    parts = sorted(run.endpoints, key=lambda part: -part.requests)[:ENDPOINTS]
    shown = [("all requests", run.total)]
    if len(run.endpoints) > 1:
        shown += [(short(f"{part.method} {part.name}".strip()), part) for part in parts]
    columns = {
        "mean": [amount(part.mean_ms, "ms") for _, part in shown],
        "min": [amount(part.min_ms, "ms") for _, part in shown],
        "max": [amount(part.max_ms, "ms") for _, part in shown],
        "mean size": [_bytes(part.size) for _, part in shown],
        "peak rate": [amount(peak_rate(run, part), "/s") for _, part in shown],
    }
    known = {name: values for name, values in columns.items() if any(value != NONE for value in values)}
    if not known or not run.total.requests:
        return None
    peak = "The peak rate is the highest mean of five seconds." if "peak rate" in known else ""
    return Grid(
        title="Durations, sizes and peaks",
        header=["requests", *known],
        rows=[[name, *values] for (name, _), *values in zip(shown, *known.values(), strict=True)],
        note=peak,
    )


def _bytes(size: float | None) -> str:
    if size is None:
        return NONE
    return f"{size / 1000:,.1f} kB" if size >= 10_000 else f"{size:,.0f} B"


def exceptions_of(run: LocustRun) -> Grid | None:
    """Exceptions of the users' own code, with the way to each where the files have a traceback."""
    if not run.exceptions:
        return None
    most = sorted(run.exceptions, key=lambda one: (-one.occurrences, one.message))[:MOST]
    more = f" The {MOST} most frequent of {count(len(run.exceptions))}." if len(run.exceptions) > MOST else ""
    has_ways = any(way(one.traceback) for one in most)
    return Grid(
        title="Exceptions in the users' own code",
        header=["message", "times", *(["raised in"] if has_ways else [])],
        rows=[
            [
                short(one.message),
                count(one.occurrences),
                *([short(way(one.traceback), WIDEST) or NONE] if has_ways else []),
            ]
            for one in most
        ],
        note=f"These are neither failures of the target nor requests.{more}",
    )


def seen_of(run: LocustRun) -> Grid | None:
    """When each kind of failure was seen first and last, where the files tell."""
    known = [one for one in run.failures if one.first_seen is not None and one.last_seen is not None]
    if not known:
        return None
    most = sorted(known, key=lambda one: -one.occurrences)[:MOST]
    return Grid(
        title="When requests failed",
        header=["cause", "where", "times", "first seen", "last seen"],
        keys=2,
        rows=[
            [
                short(one.error) or NONE,
                short(f"{one.method} {one.name}".strip()),
                count(one.occurrences),
                _clock(run, one.first_seen),
                _clock(run, one.last_seen),
            ]
            for one in most
        ],
        note="Seconds count from the first request, as in the charts." if run.began is not None else "",
    )


def _clock(run: LocustRun, moment: float | None) -> str:
    """A moment in seconds from the first request, and in UTC."""
    if moment is None:
        return NONE
    try:
        at = f"{datetime.fromtimestamp(moment, UTC):%H:%M:%S} UTC"
    except (ValueError, OverflowError, OSError):
        return NONE
    return at if run.began is None else f"{amount(moment - run.began, 's')} ({at})"
