"""What reports and comparisons ask a run for, whatever it was read from."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol, Self

from brownout_results.judge.experiment_verdict import ExperimentVerdict
from brownout_results.judge.locust_verdict import LocustVerdict
from brownout_results.judge.thresholds import Measured
from brownout_results.measure.facts import Facts
from brownout_results.measure.resampling.sources import Source
from brownout_results.measure.selection import Phase
from brownout_results.report.comparison_report import ComparedSide
from brownout_results.report.document import Document


class NotThisSourceError(Exception):
    """The path holds no run of this source; the message says what was looked for."""


class PartError(Exception):
    """The path holds a run of this source, and no part of that number; the message says what there is."""


class AnyRun(Protocol):
    """A run of any source."""

    @classmethod
    def read(cls, path: Path, part: int | None = None) -> Self:
        """Read the run; of several in one file, that number. Raises NotThisSourceError, and OSError."""
        ...

    @property
    def name(self) -> str:
        """Its label, or the name of its files."""
        ...

    @property
    def longer_name(self) -> str:
        """A name for when another run has the same `name`."""
        ...

    @property
    def folder(self) -> Path:
        """Where it was read from, as it was asked for."""
        ...

    @property
    def report_folder(self) -> Path:
        """Where its report goes unless the user says otherwise."""
        ...

    @property
    def started(self) -> float | None:
        """Seconds since the epoch; None if that is not known."""
        ...

    @property
    def invalid(self) -> str | None:
        """Why its figures cannot be trusted; None if they can."""
        ...

    @property
    def experiment(self) -> ExperimentVerdict | None:
        """The verdict of the experiment that ran beside the load; None without one."""
        ...

    @property
    def locust_verdict(self) -> LocustVerdict | None:
        """Why Locust calls it failed; None if it does not, or nothing tells."""
        ...

    @property
    def facts(self) -> Facts:
        """What has to be the same in a run that it is compared with."""
        ...

    @property
    def phases(self) -> Sequence[str]:
        """The names of its phases, in the order of their time."""
        ...

    def part(self, phases: Sequence[Phase], skip_s: float, *, is_ramp_up_skipped: bool) -> Self:
        """Return the run with these phases and without its beginning. Raises SelectionError."""
        ...

    def figures(self) -> Measured:
        """Return its figures as thresholds ask for them."""
        ...

    def source(self, phase: str | None = None) -> Source:
        """Return what a comparison resamples: the run, or one of its phases."""
        ...

    def phase_facts(self, phase: str) -> list[tuple[str, str]]:
        """Return name and value of what the report says of a phase at the top."""
        ...

    def shown(self, name: str, *, is_baseline: bool) -> ComparedSide:
        """Return the run as a comparison shows it, under this name."""
        ...

    def report(self, made: str) -> Document:
        """Return the report of this run alone. `made` says by what and when."""
        ...

    def summary(self) -> dict[str, Any]:
        """Return the run as summary.json has it."""
        ...
