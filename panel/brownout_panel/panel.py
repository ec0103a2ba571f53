"""The panel: control of the replicas, load, run and live events, put together for the API."""

from __future__ import annotations

import secrets
import time
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Protocol

import msgspec

from brownout_fleet.model import FleetError, Replica
from brownout_panel.control import Control
from brownout_panel.desired import FAULTS
from brownout_panel.errors import BlockedError, LoadRefusedError, PanelError
from brownout_panel.experiments import Experiments
from brownout_panel.found import FoundAtStart
from brownout_panel.measures import RecordedSecond, Window
from brownout_panel.model import (
    Activity,
    ApplyState,
    By,
    Experiment,
    Faults,
    Harness,
    Load,
    LoadShape,
    Measures,
    Policy,
    RunView,
    Second,
    State,
)
from brownout_panel.problem import code_of
from brownout_panel.program import Program
from brownout_panel.reports import Reports
from brownout_panel.session import TIMEOUT_S, Session
from brownout_panel.stream import Ring, Stream
from brownout_panel.totals import LoadTotals
from brownout_results.record.timestamps import iso
from brownout_terms.codes import Code

HISTORY = 14_400
"""Seconds kept: four hours."""

EVENTS = 2_000
"""Timeline events kept."""

Note = Callable[..., None]
"""`note(kind, **fields)` writes to the run's timeline, and to the panel's by way of `Panel.add_event`."""


class LoadControl(Protocol):
    """Locust's runner. Both commands, `start` and `stop`, raise LoadRefusedError."""

    def view(self) -> Load: ...
    def shapes(self) -> list[LoadShape]: ...
    def start(self, settings: Mapping[str, Any]) -> Load: ...
    def stop(self) -> Load: ...


class Panel:
    """What the API offers. Every command says who asks, and leaves an event with its outcome."""

    def __init__(
        self,
        control: Control,
        load: LoadControl,
        note: Note,
        program: Program,
        reports: Reports,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`clock` is the time axis of the seconds and events that the panel is told of."""
        self.control = control
        self.stream = Stream(Ring(secrets.token_hex(4)))
        self.blocked = False
        self.reports = reports
        self.has_locust_page = False
        self.run = RunView(None, None, None, None, None)
        self.experiments = Experiments(
            program, note, self.stream.publish, clock, lambda: self.clear_faults("harness")
        )
        self.session = Session(self._session_lost)
        self._load = load
        self._note = note
        self._clock = clock
        self._shown: Load | None = None
        self.totals = LoadTotals()
        self._window = Window()
        self._seconds: deque[Second] = deque(maxlen=HISTORY)
        self._events: deque[dict[str, Any]] = deque(maxlen=EVENTS)
        self._found = FoundAtStart(control, note)
        control.changed.append(self.stream.publish)

    def state(self) -> State:
        """Everything that a page needs to draw itself."""
        return State(
            now=self._clock(),
            event_id=self.stream.ring.last_id,
            blocked=self.blocked,
            run=self.run,
            load=self._load.view(),
            faults=self.control.faults,
            policy=self.control.policy,
            presets=self.control.presets,
            replicas=self.control.views(),
            second=self._seconds[-1] if self._seconds else None,
            experiment=self.experiments.current,
            has_locust_page=self.has_locust_page,
        )

    def history(self, seconds: int) -> dict[str, Any]:
        """The last seconds as columns; all transitions and timeline events that are kept."""
        first = self._clock() - seconds
        rows = [row for row in self._seconds if row.t >= first]
        fields = Second.__struct_fields__
        columns = {field: [getattr(row, field) for row in rows] for field in fields}
        return {
            "seconds": columns,
            "transitions": self.control.transitions(),
            "events": list(self._events),
        }

    def add_event(self, event: dict[str, Any]) -> None:
        """A timeline event: keep it, show it. The breakers' are shown as transitions already."""
        self.totals.add_event(event)
        if event["kind"] != "breaker":
            self._events.append(event)
            self.stream.publish("timeline", event)

    def add_second(self, measured: RecordedSecond) -> None:
        """A second of the run is over."""
        self._seconds.append(measured.second)
        self._window.add(measured)
        self.totals.add(measured)
        self.stream.publish("second", measured.second)
        self._found.note()

    def measures(self, window_s: int, percentiles: Mapping[str, float]) -> Measures:
        """See Window.measures."""
        return self._window.measures(self._clock(), window_s, percentiles)

    def run_started(self, label: str, folder: str, at: float) -> None:
        """A run begins; what the last one measured is not its."""
        self._window.clear()
        self._found = FoundAtStart(self.control, self._note)
        self.run_changed(label=label, folder=folder, started_at=at, ended_at=None, phase=None, book=None)

    def run_changed(self, **changes: Any) -> None:
        """A run has begun, ended, or entered a phase: fields of RunView."""
        self.run = msgspec.structs.replace(self.run, **changes)
        self.stream.publish("run", self.run)

    def note_found(self) -> None:
        """Note the faults that were set before the run began: they are in its figures."""
        present = self.control.faults
        if not present.faults:
            return
        statuses = [one.status for one in self.control.views() if one.replica.service == FAULTS.service]
        applied = sum(one is not None and one.state is ApplyState.APPLIED for one in statuses)
        self._note(
            "fault",
            action="found",
            words=present.words,
            faults=present.faults,
            revision=present.revision,
            applied=applied,
            of=len(statuses),
            code=Code.OK if applied == len(statuses) else Code.PARTLY,
        )

    def make_report(self, run: str | None) -> str:
        """Make the report of a run, by default the last one; return its name, and show its book's result.

        Raises UnknownRunError or ReportError.
        """
        name = self.reports.make(run)
        if name == self.run.folder and self.run.ended_at is not None:
            self.run_changed(book=self.reports.book(name))
        return name

    def check_load(self) -> None:
        """Tell of the load if it has changed, whoever changed it."""
        load = self._load.view()
        if load != self._shown:
            self._shown = load
            self.stream.publish("load", load)

    def set_faults(self, document: Mapping[str, Any], by: By, session: str | None = None) -> Faults:
        """See Control.set_faults; those of a session are cleared when it is gone."""
        if document["faults"]:
            self._refuse_if_blocked()
        made = self.control.set_faults(document, by)
        self.session.set_owner(session if made.faults else None)
        return made

    def clear_faults(self, by: By | Harness) -> Faults:
        """See Control.clear_faults; never blocked."""
        self.session.set_owner(None)
        return self.control.clear_faults(by)

    def set_policy(self, document: Mapping[str, Any], by: By) -> Policy:
        """See Control.set_policy; an experiment that is being stopped may put back what it found."""
        if not (by == "experiment" and self.experiments.one_runs):
            self._refuse_if_blocked()
        return self.control.set_policy(document, by)

    def kill(self, name: str, by: By, even_last: bool) -> Replica:
        """See Control.kill."""
        self._refuse_if_blocked()
        return self.control.kill(name, by, even_last)

    def load(self) -> Load:
        """What Locust's runner does."""
        return self._load.view()

    def load_shapes(self) -> list[LoadShape]:
        """Describe the load shapes and their parameters."""
        return self._load.shapes()

    def start_load(self, settings: Mapping[str, Any], by: By) -> Load:
        """Start the load, or change the one that runs."""
        self._refuse_if_blocked()
        asked = {"action": "asked to start", "by": by, "settings": settings}
        try:
            load = self._load.start(settings)
        except LoadRefusedError as error:
            self._note("load", **asked, code=error.code, outcome=f"refused: {error}")
            raise
        self._note("load", **asked, code=Code.OK, outcome=load.state)
        self.check_load()
        return load

    def stop_load(self, by: By) -> Load:
        """Stop it; in a headless run that is the end of the run."""
        self._note("load", action="asked to stop", by=by)  # before: it may end the run that records it
        load = self._load.stop()
        self.check_load()
        return load

    def mark(self, phase: str | None, note: str | None, by: By) -> dict[str, Any]:
        """A mark on the timeline: the name of a phase that begins, or a note; returns the event."""
        if phase is not None:
            self._note("phase", name=phase, by=by)
            self.run_changed(phase=phase)
        else:
            self._note("mark", note=note, by=by)
        return self._events[-1]

    def stalled(self, process: str, ago_s: float, seconds: float) -> dict[str, Any]:
        """A process of brownout's own stood still; returns the event."""
        since = iso(self._clock() - ago_s)
        self._note("stall", process=process, since=since, seconds=round(seconds, 3))
        return self._events[-1]

    def start_experiment(self, file: str, by: By) -> Experiment:
        """See Experiments.start."""
        self._refuse_if_blocked()
        return self.experiments.start(file, by)

    def activity(self, activity: Activity, by: By, session: str | None = None) -> dict[str, Any]:
        """An experiment reports what it does; returns the event."""
        self.experiments.record(activity, by, session)
        return self._events[-1]

    def stop_everything(self, by: By) -> list[dict[str, str]]:
        """Block new starts, then clear the faults, end the experiment, stop the load; each step's outcome."""
        self._set_blocked(True)
        self._note("stop-everything", by=by)  # before: it may end the run that records it
        done = "stopped" if self.experiments.one_runs else "none runs"
        return [
            _step("faults", lambda: self.clear_faults(by), "cleared"),
            _step("experiment", lambda: self.experiments.stop(by), done),
            _step("load", lambda: self.stop_load(by), "stopped"),
        ]

    def release(self, by: By) -> None:
        """Let things start again."""
        self._set_blocked(False)
        self._note("release", by=by)

    def _session_lost(self, session: str) -> None:
        """The process whose faults are wanted is gone: what it can't put back is put back here."""
        self._note(
            "experiment",
            action="lost",
            by="harness",
            outcome=f"silent for {TIMEOUT_S:g} s: the faults that it has set are cleared",
        )
        self.experiments.lost(session)
        with suppress(PanelError):  # noted by itself, and they are asked on and on
            self.clear_faults("harness")

    def _set_blocked(self, blocked: bool) -> None:
        self.blocked = blocked
        self.stream.publish("blocked", {"blocked": blocked})

    def _refuse_if_blocked(self) -> None:
        if self.blocked:
            raise BlockedError("everything was stopped; nothing new starts until that is released")


def _step(step: str, act: Callable[[], object], done: str) -> dict[str, str]:
    try:
        act()
    except (PanelError, FleetError) as error:
        return {"step": step, "code": code_of(error), "outcome": f"failed: {error}"}
    return {"step": step, "code": Code.OK, "outcome": done}
