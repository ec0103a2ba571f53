"""The running experiment, wherever it was started: its progress, and start and stop from the panel."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import msgspec
from msgspec.structs import replace

from brownout_panel import experiment_progress
from brownout_panel.errors import ExperimentBusyError, PanelError
from brownout_panel.model import Activity, AvailableExperiment, By, Experiment, Harness
from brownout_panel.program import Program
from brownout_terms.codes import Code

SILENT_S = 120.0
"""One that was started elsewhere and reports nothing for so long no longer keeps another from starting: it
may have been killed."""


class Experiments:
    """Runs one experiment at a time. Every command leaves an event with its outcome."""

    def __init__(
        self,
        program: Program,
        note: Callable[..., None],
        publish: Callable[[str, Any], None],
        clock: Callable[[], float],
        put_back: Callable[[], object],
    ) -> None:
        """`publish("experiment", …)` is called with the current one whenever it is new; `put_back` when one
        that was started here has died without a verdict, and so perhaps without its rollbacks."""
        self.current: Experiment | None = None
        """The running experiment, or the last one."""
        self._program = program
        self._note = note
        self._publish = publish
        self._clock = clock
        self._put_back = put_back
        self._reported_at = 0.0
        self._session: str | None = None

    @property
    def one_runs(self) -> bool:
        """Whether an experiment runs, as far as is known."""
        return self._program.runs or self._one_runs_elsewhere

    def available(self) -> list[AvailableExperiment]:
        """Return the experiments that can be started. Raises ExperimentsMissingError."""
        return self._program.available()

    def start(self, file: str, by: By) -> Experiment:
        """Start an experiment. Raises ExperimentBusyError, or what Program.start raises."""
        try:
            if self._one_runs_elsewhere:
                raise ExperimentBusyError("an experiment runs that was started elsewhere; one at a time")
            before = self.current
            self._program.start(file, self._ended)
        except PanelError as error:
            self._note(
                "experiment",
                action="asked to start",
                file=file,
                by=by,
                code=error.code,
                outcome=f"refused: {error}",
            )
            raise
        # It may have reported its first steps already.
        reported = self.current if self.current is not before else None
        begun = self._show(
            replace(reported or experiment_progress.begun(file, file, self._clock()), file=file)
        )
        started = {"code": Code.OK, "outcome": "started"}
        self._note("experiment", action="asked to start", file=file, by=by, **started)
        return begun

    def stop(self, by: By | Harness) -> Experiment | None:
        """End the one that was started here, and wait until it has put everything back; nothing without one.

        Raises ExperimentBusyError for one that was started elsewhere.
        """
        if self._one_runs_elsewhere:
            raise ExperimentBusyError("the experiment was not started here: end it where it runs")
        if self._program.runs:
            self._note("experiment", action="asked to stop", by=by)
            if self.current and self.current.ended_at is None:
                self._show(replace(self.current, state="stopping"))
            self._program.stop()
        return self.current

    def record(self, activity: Activity, by: By, session: str | None = None) -> None:
        """Record what an experiment reports; `session` is its process."""
        self._reported_at = self._clock()
        self._session = session
        self._show(experiment_progress.advanced(self.current, activity, self._reported_at))
        self._note("activity", **msgspec.structs.asdict(activity), by=by)

    def lost(self, session: str) -> None:
        """End the experiment that was started elsewhere, if this lost process ran it."""
        if self.current and session == self._session and self._one_runs_elsewhere:
            self._show(experiment_progress.ended(self.current, "its process is gone", self._clock()))

    @property
    def _one_runs_elsewhere(self) -> bool:
        if self._program.runs or self.current is None or self.current.ended_at is not None:
            return False
        return self._clock() - self._reported_at < SILENT_S

    def _ended(self, verdict: str) -> None:
        if self.current is None or self.current.ended_at is not None:
            return
        self._show(experiment_progress.ended(self.current, verdict, self._clock()))
        with suppress(PanelError):  # noted by itself
            self._put_back()

    def _show(self, experiment: Experiment) -> Experiment:
        self.current = experiment
        self._publish("experiment", experiment)
        return experiment
