"""Where figures come from: a period of a run folder, or another tool's files."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Protocol

from brownout_results.measure.period import Period
from brownout_results.measure.phases import phases
from brownout_results.read.run_folder import Endpoint

from .estimates import Observation
from .folder_counts import PeriodCounts


class Source(Protocol):
    """Something whose figures are compared."""

    @property
    def endpoints(self) -> Sequence[Endpoint]:
        """The endpoints that had a request."""
        ...

    @property
    def phases(self) -> Sequence[str]:
        """Names, in the order of their time."""
        ...

    def requests(self, endpoint: Endpoint | None = None) -> int:
        """How many ended."""
        ...

    def observed(self, endpoint: Endpoint | None = None) -> Observation | None:
        """Figures and seconds of all of it."""
        ...

    def observed_in(self, phase: str) -> Observation | None:
        """Figures and seconds of a phase; None if there is no such."""
        ...


class RunSource:
    """A period of a run folder."""

    def __init__(self, period: Period) -> None:
        self.period = period

    @cached_property
    def endpoints(self) -> Sequence[Endpoint]:
        """The endpoints that had a request."""
        return [one for one in self.period.run.endpoints if self.period.requests(one)]

    @cached_property
    def phases(self) -> Sequence[str]:
        """Names, in the order of their time; a period that is one itself has none."""
        return list(phases(self.period.run)) if self.period.is_whole else []

    def requests(self, endpoint: Endpoint | None = None) -> int:
        """How many ended."""
        return self.period.requests(endpoint)

    def observed(self, endpoint: Endpoint | None = None) -> Observation | None:
        """Figures and seconds of all of it."""
        return self._part.observed(endpoint)

    def observed_in(self, phase: str) -> Observation | None:
        """Figures and seconds of a phase; None if there is no such."""
        spans = phases(self.period.run).get(phase)
        return PeriodCounts(Period.of(self.period.run, spans)).observed() if spans else None

    @cached_property
    def _part(self) -> PeriodCounts:
        return PeriodCounts(self.period)
