"""A run folder, read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Any

from brownout_results.record.compact_arrays import Ints
from brownout_results.record.histogram import Histogram
from brownout_results.record.latency_log import LATENCY

from .intervals import Endpoint, Intervals
from .tables import LoadTable, SampleTable


class RunState(StrEnum):
    """Whether a run is in progress, has ended, or was cut off."""

    RUNNING = "running"
    ENDED = "ended"
    CUT_OFF = "cut off"
    """It did not end by itself: its writer is gone, and has not said how the run ended."""


@dataclass(frozen=True, eq=False)
class Run:
    """What a run folder holds. Times are seconds since the epoch, seconds are named by their beginning."""

    folder: Path
    state: RunState
    manifest: Mapping[str, Any]
    """run.json; empty if it is missing."""

    intervals: Intervals
    load: LoadTable
    samples: SampleTable
    """Samples of the fleet's replicas."""

    harness: SampleTable
    """Samples of brownout's own parts, which are in samples.csv as well."""

    forwarders: SampleTable
    """Samples of the forwarders, which are there too: the answers that each has counted."""

    events: Sequence[Mapping[str, Any]]
    problems: Sequence[str]
    """What was missing or could not be read, a sentence each; a run that was killed may have some."""

    named_phases: Mapping[str, Sequence[range]] | None = None
    """Seconds of the phases that someone asked for in place of those that were marked."""

    uncut: Run | None = None
    """The run with its beginning, if this one lacks it."""

    @property
    def ended_by_itself(self) -> bool | None:
        """None while it is running."""
        return None if self.state is RunState.RUNNING else self.state is RunState.ENDED

    @cached_property
    def seconds(self) -> range:
        """Every second from the first to the last that the load or a request's end fell into."""
        known = [both for both in (self.load.ints("second"), self.intervals.second) if len(both)]
        if not known:
            return range(0)
        return range(min(int(one.min()) for one in known), max(int(one.max()) for one in known) + 1)

    @cached_property
    def endpoints(self) -> list[Endpoint]:
        """Method and name of all requests seen, sorted."""
        return sorted({(series.method, series.name) for series in self.intervals.series})

    @cached_property
    def outcomes(self) -> list[str]:
        """All outcomes seen, sorted."""
        return sorted({series.outcome for series in self.intervals.series})

    def counts(self, endpoint: Endpoint | None = None) -> dict[str, Ints]:
        """Requests that ended in each of `seconds`, by outcome."""
        first, length = self.seconds.start, len(self.seconds)
        return {
            outcome: self.intervals.per_second(first, length, self.intervals.counted(endpoint, outcome))
            for outcome in self.outcomes
        }

    def histogram(
        self,
        endpoint: Endpoint | None = None,
        outcome: str | None = None,
        measure: str = LATENCY,
        start: float | None = None,
        end: float | None = None,
    ) -> Histogram:
        """Durations of an endpoint's requests with an outcome that ended from `start` to before `end`."""
        second = self.intervals.second
        inside = self.intervals.lines_of(self.intervals.of_series(measure, endpoint, outcome))
        if start is not None:
            inside &= second >= start
        if end is not None:
            inside &= second < end
        return Histogram.sum(self.intervals.histograms(inside))
