"""Tables of a run folder beside its figures: extremes, peak rates, and exceptions of the users' code."""

from __future__ import annotations

import numpy as np

from brownout_results.measure.locust_counts import PEAK_S
from brownout_results.measure.period import Period
from brownout_results.measure.phases import whole_seconds
from brownout_results.read.exceptions import read_exceptions
from brownout_results.read.run_folder import Endpoint, Run
from brownout_terms.numbers import NONE, amount, count
from brownout_terms.texts import short

from .document import Grid

EXCEPTIONS = 20
ENDPOINTS = 20


def extremes(run: Run, whole: Period) -> Grid | None:
    """Mean, least, most and peak rate of all requests and of busy endpoints; None without a request."""
    if not whole.requests():
        return None
    busiest = sorted(run.endpoints, key=lambda one: -whole.requests(one))[:ENDPOINTS]
    shown: list[Endpoint | None] = [None, *(busiest if len(run.endpoints) > 1 else [])]
    return Grid(
        title="Durations and peaks",
        header=["requests", "mean", "min", "max", "peak rate"],
        rows=[
            [
                "all requests" if one is None else short(" ".join(one)),
                *_durations(whole, one),
                amount(peak_rate(run, one), "/s"),
            ]
            for one in shown
        ],
        note=f"The peak rate is the highest mean of {PEAK_S:g} seconds.",
    )


def _durations(whole: Period, endpoint: Endpoint | None) -> list[str]:
    durations = whole.histogram(endpoint)
    if not durations.count:
        return [NONE] * 3
    (least,) = durations.percentiles_us([0.0])
    return [amount(value / 1000, "ms") for value in (durations.mean_us, least, durations.max_us)]


def peak_rate(run: Run, endpoint: Endpoint | None = None) -> float | None:
    """Return the highest mean rate over PEAK_S whole seconds, per second; None in a shorter run."""
    seconds = whole_seconds(run)
    length = round(PEAK_S)
    if len(seconds) < length:
        return None
    ended = run.intervals.per_second(seconds.start, len(seconds), run.intervals.counted(endpoint))
    sums = np.cumsum(np.concatenate([[0], ended]))
    return float((sums[length:] - sums[:-length]).max()) / length


def exceptions_of(run: Run) -> Grid | None:
    """Exceptions that the users' own code raised; None if it raised none."""
    raised = read_exceptions(run.folder)
    if not raised:
        return None
    more = f" The {EXCEPTIONS} most frequent of {count(len(raised))}." if len(raised) > EXCEPTIONS else ""
    return Grid(
        title="Exceptions in the users' own code",
        header=["message", "times", "raised in"],
        rows=[
            [short(one.message) or NONE, count(one.occurrences), short(one.place) or NONE]
            for one in raised[:EXCEPTIONS]
        ],
        note=f"These are neither failures of the target nor requests.{more}",
    )
