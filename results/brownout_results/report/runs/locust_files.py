"""Locust's own files, as reports and comparisons ask for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from brownout_results.judge.comparison.sections import Side
from brownout_results.judge.thresholds import LocustFigures, Measured
from brownout_results.measure.facts import Facts, locust_facts
from brownout_results.measure.locust_counts import requests_in
from brownout_results.measure.resampling.locust_source import LocustSource
from brownout_results.measure.selection import (
    Phase,
    files_ramp_up_s,
    files_with_phases,
    files_without_start,
)
from brownout_results.measure.validity import why_files_invalid
from brownout_results.read import locust_csv
from brownout_results.report import locust_grids, locust_report
from brownout_results.report.charts.locust_data import locust_chart_data
from brownout_results.report.comparison_methods import LOCUST_FIGURES
from brownout_results.report.comparison_report import ComparedSide
from brownout_results.report.document import Document
from brownout_terms.numbers import clock, count

from .any_run import NotThisSourceError


@dataclass(frozen=True)
class LocustFilesRun:
    """The files that Locust wrote about one run."""

    run: locust_csv.LocustRun
    """What is in them."""

    experiment = None
    """Locust's files know of none."""

    locust_verdict = None
    """They have no exit code."""

    @classmethod
    def read(cls, path: Path, part: int | None = None) -> LocustFilesRun:
        """Read the files; of several runs in one file, that number. Raises NotThisSourceError."""
        try:
            return cls(locust_csv.read(path, part))
        except locust_csv.LocustCsvError as error:
            raise NotThisSourceError(str(error)) from error

    @property
    def name(self) -> str:
        """The prefix of the files."""
        return self.run.name

    @property
    def longer_name(self) -> str:
        """The name of their folder: files often have the same name in different folders."""
        return self.run.files[0].resolve().parent.name or self.run.name

    @property
    def folder(self) -> Path:
        """The path of the files, as it was asked for."""
        return self.run.path

    @property
    def report_folder(self) -> Path:
        """A folder of its own beside the files."""
        return self.run.files[0].parent / f"{self.run.name}-report"

    @property
    def started(self) -> float | None:
        """Seconds since the epoch; None if that is not known."""
        return self.run.began

    @property
    def invalid(self) -> str | None:
        """Why its figures cannot be trusted; None if they can."""
        return why_files_invalid(self.run)

    @property
    def facts(self) -> Facts:
        """What has to be the same in a run that it is compared with."""
        return locust_facts(self.run)

    @property
    def phases(self) -> Sequence[str]:
        """The names of its phases, in the order of their time."""
        return list(self.run.phases)

    def part(self, phases: Sequence[Phase], skip_s: float, *, is_ramp_up_skipped: bool) -> LocustFilesRun:
        """Return the run with these phases and without its beginning. Raises SelectionError."""
        skip_s = max(skip_s, files_ramp_up_s(self.run) if is_ramp_up_skipped else 0.0)
        run = files_with_phases(self.run, phases) if phases else self.run
        return LocustFilesRun(files_without_start(run, skip_s) if skip_s else run)

    def figures(self) -> Measured:
        """Return its figures as thresholds ask for them."""
        return LocustFigures(self.run)

    def source(self, phase: str | None = None) -> LocustSource:
        """Return what a comparison resamples: the run, or one of its phases."""
        return LocustSource(self.run, phase)

    def phase_facts(self, phase: str) -> list[tuple[str, str]]:
        """Return how long the phase was, and how many requests ended in it."""
        start, end = self.run.phases[phase]
        requests = requests_in(self.run, self.run.total, phase)
        return [("lasted", clock(end - start)), ("requests", count(requests))]

    def shown(self, name: str, *, is_baseline: bool) -> ComparedSide:
        """Return the run as a comparison shows it, under this name."""
        return ComparedSide(
            side=Side(name, [self.source()]),
            card=locust_report.locust_card(self.run, is_baseline=is_baseline, name=name),
            tracks=[locust_chart_data(self.run, name)] if self.run.total.requests else [],
            settings=dict(locust_report.locust_settings(self.run)),
            failures=self.run.failures,
            notices=locust_report.locust_notices(self.run),
            invalid=self.invalid or "",
            limits=locust_report.locust_limits_of(self.run),
            method=LOCUST_FIGURES,
            grids=locust_grids.grids_beside(self.run),
            faults_unknown="Locust's files do not say what was done to the target",
        )

    def report(self, made: str) -> Document:
        """Return the report of this run alone. `made` says by what and when."""
        return locust_report.report_of_files(self.run, made)

    def summary(self) -> dict[str, Any]:
        """Return the run as summary.json has it."""
        return locust_report.summary_of(self.run)
