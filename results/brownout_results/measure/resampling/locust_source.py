"""Locust's own files as what is compared: counts by row of its history; percentiles without an error.

Locust's percentiles are of the whole run, or of windows that overlap: neither says how much they vary by
chance.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

import numpy as np

from brownout_results.measure.cumulative import ToldBounds, told_bounds, window_sums
from brownout_results.measure.figures import figures_in, figures_of
from brownout_results.measure.locust_counts import has_means, inner, rows_in
from brownout_results.measure.window_percentiles import window_ranges
from brownout_results.read.locust_csv import LocustRun
from brownout_results.read.locust_csv import RequestStats as Requests
from brownout_results.read.run_folder import Endpoint
from brownout_terms.numbers import amount

from .conditions import merged, numbered
from .counts import Floats, Ints, Seconds, bins_of, width_for
from .estimates import Observation
from .estimators import DURATIONS, RATED, TIMED
from .user_levels import user_levels

TELLING = 4.0
"""Windows' bounds are told if the highest is no more than so many times the lowest."""


class LocustSource:
    """A run by Locust's own files."""

    def __init__(self, run: LocustRun, phase: str | None = None) -> None:
        self.run = run
        self._phase = phase

    @cached_property
    def endpoints(self) -> Sequence[Endpoint]:
        """The endpoints that had a request."""
        return [endpoint for endpoint, part in self._parts.items() if part.requests]

    @property
    def phases(self) -> Sequence[str]:
        """Names, in the order of their time; a phase has none itself."""
        return list(self.run.phases) if self._phase is None else []

    def requests(self, endpoint: Endpoint | None = None) -> int:
        """How many ended."""
        part = self.run.total if endpoint is None else self._parts.get(endpoint)
        return part.requests if part else 0

    def observed(self, endpoint: Endpoint | None = None) -> Observation | None:
        """Figures and rows of all of it."""
        part = self.run.total if endpoint is None else self._parts.get(endpoint)
        if part is None:
            return None
        if self._phase is not None:
            return self._observed(part, self._phase)
        return Observation(
            figures_of(self.run, part),
            self._seconds(part, np.ones(len(self.run.starts), bool)),
            {f"p{percent:g}": text for percent, text in _bounds(part).items()},
        )

    def observed_in(self, phase: str) -> Observation | None:
        """Figures and rows of a phase; None if there is no such."""
        return self._observed(self.run.total, phase) if phase in self.run.phases else None

    def _observed(self, part: Requests, phase: str) -> Observation:
        return Observation(
            figures_in(self.run, part, phase), self._seconds(part, rows_in(self.run, *self.run.phases[phase]))
        )

    def _seconds(self, part: Requests, rows: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Seconds | None:
        """Each row of the history is taken as a second, since nearly all are."""
        if not len(part.ok_in) or not rows.any():
            return None
        ok, failed = np.nan_to_num(part.ok_in[rows]), np.nan_to_num(part.failed_in[rows])
        is_rated = inner(self.run)[rows].astype(np.float64)
        totals: dict[str, Floats] = {
            "requests": ok + failed,
            "ok": ok,
            f"{RATED}seconds": self.run.widths[rows] * is_rated,
            f"{RATED}requests": (ok + failed) * is_rated,
            f"{RATED}ok": ok * is_rated,
        }
        if part.since is not None and has_means(self.run, part):
            found = window_sums(part.since)
            totals |= {TIMED: found.known[rows], DURATIONS: found.sums[rows]}
        width = width_for([int(rows.sum())])
        bin_of, strata = bins_of(self._strata(rows), width)
        summed: dict[str, Floats] = {
            name: np.bincount(bin_of, values, len(strata)).astype(np.float64)
            for name, values in totals.items()
        }
        return Seconds(strata, width, summed)

    def _strata(self, rows: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Ints:
        """Each phase is a condition of its own, and so is each level of users in it."""
        labels = np.zeros(len(self.run.starts), np.int64)
        for number, (start, end) in enumerate(self.run.phases.values(), start=1):
            labels[rows_in(self.run, start, end)] = number
        return numbered(merged((labels * 1000 + user_levels(self.run.users))[rows]))

    @cached_property
    def _parts(self) -> Mapping[Endpoint, Requests]:
        return {(part.method, part.name): part for part in self.run.endpoints}


def _bounds(part: Requests) -> dict[float, str]:
    """What bounds each percentile of the whole run, as the end of a sentence."""
    if part.percentiles_ms:
        return {percent: _sentence(one) for percent, one in told_bounds(part).items()}
    return {
        percent: f"estimated from its moments, {amount(low, 'ms')} to {amount(high, 'ms')}"
        for percent, (low, high) in window_ranges(part).items()
    }


def _sentence(one: ToldBounds) -> str:
    """What bounds a percentile, as the end of a sentence."""
    rounding = f"{amount(one.low_ms, 'ms')} to {amount(one.high_ms, 'ms')}"
    if one.windows < 2 or one.highest_ms > TELLING * one.lowest_ms:
        return rounding
    windows = f"{amount(one.lowest_ms, 'ms')} to {amount(one.highest_ms, 'ms')}"
    return f"{rounding} (in {one.windows} windows {windows})"
