"""A run folder, as reports and comparisons ask for it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from brownout_results.judge.comparison.sections import Side
from brownout_results.judge.experiment_verdict import ExperimentVerdict, verdict_on
from brownout_results.judge.locust_verdict import LocustVerdict, locust_verdict
from brownout_results.judge.thresholds import Measured, RunFigures
from brownout_results.measure.book import book_of
from brownout_results.measure.facts import Facts, folder_facts
from brownout_results.measure.figures import FIGURES
from brownout_results.measure.harness import stalled_seconds, unfair_seconds
from brownout_results.measure.period import Period
from brownout_results.measure.phases import phases
from brownout_results.measure.resampling.sources import RunSource, Source
from brownout_results.measure.selection import Phase, ramp_up_s, with_phases, without_start
from brownout_results.measure.validity import why_no_result
from brownout_results.read import run_folder
from brownout_results.read.failures import read_failures
from brownout_results.record import RunFolderError
from brownout_results.record.timestamps import seconds_of
from brownout_results.report import run_report
from brownout_results.report.charts.folder_data import chart_data
from brownout_results.report.comparison_methods import FOLDER_FIGURES
from brownout_results.report.comparison_report import ComparedSide
from brownout_results.report.document import Document
from brownout_results.report.run_grids import exceptions_of, extremes
from brownout_results.report.run_settings import policy_of, recorded
from brownout_terms.numbers import clock, count

from .any_run import NotThisSourceError, PartError


@dataclass(frozen=True)
class FolderRun:
    """A run folder."""

    run: run_folder.Run
    """What is in it."""

    @classmethod
    def read(cls, path: Path, part: int | None = None) -> FolderRun:
        """Read the folder, which has one run. Raises NotThisSourceError, and OSError."""
        try:
            run = run_folder.read(path)
        except RunFolderError as error:
            raise NotThisSourceError(str(error)) from error
        if part not in (None, 1):
            raise PartError(
                f'"{path}" has no part {part}: a run folder contains one run, so leave out --part.'
            )
        return cls(run)

    @property
    def name(self) -> str:
        """The run's label; its folder's name if it has none."""
        return run_report.name_of(self.run)

    @property
    def longer_name(self) -> str:
        """The same name: users choose labels, so a number tells equal ones apart."""
        return self.name

    @property
    def folder(self) -> Path:
        """The folder."""
        return self.run.folder

    @property
    def report_folder(self) -> Path:
        """The folder itself."""
        return self.run.folder

    @property
    def started(self) -> float | None:
        """Seconds since the epoch; None if that is not known."""
        try:
            return seconds_of(self.run.manifest["started"])
        except (KeyError, TypeError, ValueError):
            return None

    @property
    def invalid(self) -> str | None:
        """Why its figures cannot be trusted; None if they can."""
        return why_no_result(self.run)

    @property
    def experiment(self) -> ExperimentVerdict | None:
        """The verdict of the experiment that ran beside the load; None without one."""
        return verdict_on(self.run)

    @property
    def locust_verdict(self) -> LocustVerdict | None:
        """Why Locust calls it failed; None if it does not."""
        return locust_verdict(self.run)

    @property
    def facts(self) -> Facts:
        """What has to be the same in a run that it is compared with."""
        return folder_facts(self.run)

    @property
    def phases(self) -> Sequence[str]:
        """The names of its phases, in the order of their time."""
        return list(phases(self.run))

    def part(self, phases: Sequence[Phase], skip_s: float, *, is_ramp_up_skipped: bool) -> FolderRun:
        """Return the run with these phases and without its beginning. Raises SelectionError."""
        skip_s = max(skip_s, ramp_up_s(self.run) if is_ramp_up_skipped else 0.0)
        run = with_phases(self.run, phases) if phases else self.run
        return FolderRun(without_start(run, skip_s) if skip_s else run)

    def figures(self) -> Measured:
        """Return its figures as thresholds ask for them."""
        return RunFigures(self.run)

    def source(self, phase: str | None = None) -> Source:
        """Return what a comparison resamples: the run, or one of its phases."""
        return RunSource(Period.of(self.run, None if phase is None else phases(self.run)[phase]))

    def phase_facts(self, phase: str) -> list[tuple[str, str]]:
        """Return how long the phase was, and how many requests ended in it."""
        spans = phases(self.run)[phase]
        requests = Period.of(self.run, spans).requests()
        return [("lasted", clock(sum(map(len, spans)))), ("requests", count(requests))]

    def shown(self, name: str, *, is_baseline: bool) -> ComparedSide:
        """Return the run as a comparison shows it, under this name."""
        whole = Period.of(self.run)
        beside = (extremes(self.run, whole), exceptions_of(self.run))
        return ComparedSide(
            side=Side(name, [RunSource(whole)]),
            card=run_report.card(self.run, is_baseline=is_baseline, name=name),
            tracks=[chart_data(self.run, name)],
            settings=recorded(self.run),
            failures=read_failures(self.run.folder),
            notices=run_report.notices(self.run),
            invalid=self.invalid or "",
            limits=run_report.limits_of(self.run),
            method=FOLDER_FIGURES,
            grids=[grid for grid in beside if grid],
        )

    def report(self, made: str) -> Document:
        """Return the report of this run alone. `made` says by what and when."""
        return run_report.report_of_run(self.run, made)

    def summary(self) -> dict[str, Any]:
        """Return the run as summary.json has it."""
        whole, everything = Period.of(self.run), Period.everything(self.run)
        verdict = self.experiment
        figures = {figure.name: figure.measure(whole, None) for figure in FIGURES}
        return {
            "label": self.name,
            "folder": str(self.run.folder),
            "state": str(self.run.state),
            "started": self.run.manifest.get("started"),
            "seconds": len(self.run.seconds),
            "invalid": self.invalid,
            "policy": policy_of(self.run) or None,
            "experiment": verdict
            and {"title": verdict.title, "word": verdict.word, "reason": verdict.reason},
            "locust_verdict": found.reason if (found := self.locust_verdict) else None,
            "exceptions": whole.exceptions,
            "users_alive": whole.users_alive,
            "left_out": {
                "seconds": _ends(stalled_seconds(self.run)),
                "latency": _ends(unfair_seconds(self.run)),
            },
            "book": book_of(self.run).document(),
            "requests": everything.requests(),
            "outcomes": dict(everything.outcomes()),
            "figures": {
                name: value for name, value in figures.items() if value is not None and math.isfinite(value)
            },
        }


def _ends(spans: Sequence[range]) -> list[list[int]]:
    """Write spans of seconds as the first second of each and the first that is none of it."""
    return [[span.start, span.stop] for span in spans]
