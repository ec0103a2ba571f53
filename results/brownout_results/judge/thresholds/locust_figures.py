"""The figures of Locust's own files, as thresholds and pinned baselines ask for them."""

from __future__ import annotations

from collections.abc import Sequence

from brownout_results.measure.locust_counts import counts_in, counts_of
from brownout_results.measure.window_percentiles import window_ranges
from brownout_results.read.locust_csv import LocustRun, RequestStats
from brownout_terms.texts import listed

from .evaluation import UntoldError, unknown, where
from .metrics import find, percent_of
from .threshold import Threshold

SHOWN = 12
"""Percentiles listed at most."""


class LocustFigures:
    """The figures of one run by Locust's own files."""

    def __init__(self, run: LocustRun) -> None:
        self._run = run
        self._parts = {f"{part.method} {part.name}".strip(): part for part in run.endpoints}

    @property
    def endpoints(self) -> Sequence[str]:
        """The endpoints as thresholds name them: GET /fetch."""
        return list(self._parts)

    @property
    def phases(self) -> Sequence[str]:
        """The phases that were asked for."""
        return list(self._run.phases)

    def value(self, threshold: Threshold) -> float:
        """Return the run's figure of a threshold. Raises UntoldError."""
        part = self._part(threshold.endpoint)
        if threshold.phase is None:
            counts = counts_of(self._run, part)
        elif threshold.phase in self._run.phases:
            counts = counts_in(self._run, part, threshold.phase)
        else:
            lacking = unknown("phase", threshold.phase, self._run.phases)
            remedy = f'name one with --phase "{threshold.phase}=0..30"'
            raise UntoldError(f"{lacking}; Locust's files have none of their own: {remedy}")
        if not counts.requests:
            raise UntoldError(where("no request ended", threshold))
        figure = find(threshold.metric)
        value = None if threshold.endpoint and not figure.has_endpoints else figure.locust(counts)
        if value is None:
            raise UntoldError(where(self._lacking(threshold, part), threshold))
        return value

    def estimated_between(self, threshold: Threshold) -> tuple[float, float] | None:
        """Return the bounds of a percentile that is estimated from those of the run's moments, in ms."""
        part = self._part(threshold.endpoint)
        percent = percent_of(threshold.metric)
        if percent is None or threshold.phase is not None or part.percentiles_ms or part.histogram:
            return None
        return window_ranges(part).get(percent)

    def _part(self, name: str | None) -> RequestStats:
        if name is None:
            return self._run.total
        if name not in self._parts:
            raise UntoldError(unknown("endpoint", name, self._parts))
        return self._parts[name]

    def _lacking(self, threshold: Threshold, part: RequestStats) -> str:
        """Write why the files don't tell the figure, and what they tell instead."""
        if percent_of(threshold.metric) is not None:
            known = (
                []
                if threshold.phase
                else [f"p{percent:g}" for percent in counts_of(self._run, part).percentiles_ms]
            )
            told = f"they have {listed(known, SHOWN)}" if known else "they have no percentile"
            return f"Locust's files have no {threshold.metric}: {told}"
        if threshold.phase and not len(part.ok_in):
            return f"Locust's files have no history to tell {threshold.metric} from"
        return f"Locust's files do not tell {threshold.metric}"
