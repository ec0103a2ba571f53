"""Where figures come from: a stretch of a run folder, or another tool's files."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Protocol

from brownout_results.run_folder import Endpoint
from brownout_results.spans import phases
from brownout_results.stretch import Stretch

from .estimate import Observed
from .parts import Part


class Source(Protocol):
    """Something whose figures are compared."""

    @property
    def endpoints(self) -> Sequence[Endpoint]:
        """Those that had a request."""
        ...

    @property
    def phases(self) -> Sequence[str]:
        """Names, in the order of their time."""
        ...

    def requests(self, endpoint: Endpoint | None = None) -> int:
        """How many ended."""
        ...

    def observed(self, endpoint: Endpoint | None = None) -> Observed | None:
        """Figures and seconds of all of it."""
        ...

    def observed_in(self, phase: str) -> Observed | None:
        """Figures and seconds of a phase; None if there is no such."""
        ...


class RunSource:
    """A stretch of a run folder."""

    def __init__(self, stretch: Stretch) -> None:
        self.stretch = stretch

    @cached_property
    def endpoints(self) -> Sequence[Endpoint]:
        """Those that had a request."""
        return [one for one in self.stretch.run.endpoints if self.stretch.requests(one)]

    @cached_property
    def phases(self) -> Sequence[str]:
        """Names, in the order of their time; a stretch that is one itself has none."""
        return list(phases(self.stretch.run)) if self.stretch.is_whole else []

    def requests(self, endpoint: Endpoint | None = None) -> int:
        """How many ended."""
        return self.stretch.requests(endpoint)

    def observed(self, endpoint: Endpoint | None = None) -> Observed | None:
        """Figures and seconds of all of it."""
        return self._part.observed(endpoint)

    def observed_in(self, phase: str) -> Observed | None:
        """Figures and seconds of a phase; None if there is no such."""
        spans = phases(self.stretch.run).get(phase)
        return Part(Stretch.of(self.stretch.run, spans)).observed() if spans else None

    @cached_property
    def _part(self) -> Part:
        return Part(self.stretch)
