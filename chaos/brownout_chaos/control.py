"""Chaos Toolkit control: each activity goes to the panel's timeline as it happens.

The engine writes its journal at the end only, and skips a control that fails to load with a debug line: so
the runner goes on only once this one has reported in, which means that the panel has taken its first word.
"""

from __future__ import annotations

from typing import Any

from chaoslib.exceptions import ActivityFailed, InterruptExecution

from brownout_chaos import measured, panel_http

NAME = "brownout timeline"
DECLARATION = {"name": NAME, "provider": {"type": "python", "module": __name__}}
"""What an experiment's "controls" needs; the runner adds it."""

LONGEST_NAME, LONGEST_DETAIL = 200, 2_000
"""Characters that the panel takes."""


class Report:
    """What this process's experiment has told the panel."""

    def __init__(self) -> None:
        self.title = "?"
        self.part = "hypothesis-before"
        self.reported_in = False
        self.lost: str | None = None
        """Why the panel could not be told."""
        self.stop: str | None = None
        """Why no further activity may start; rollbacks may."""

    def begin(self, title: str) -> None:
        """The first word. Raises ActivityFailed if the panel doesn't take it."""
        self.title, self.part, self.lost, self.reported_in = (
            title[:LONGEST_NAME],
            "hypothesis-before",
            None,
            False,
        )
        self._send("experiment", self.title, "started", None)
        self.reported_in = True

    def tell(self, activity: str, state: str, detail: object = None, part: str | None = None) -> None:
        """One line of the timeline; what can't be told is kept in `lost`."""
        try:
            self._send(part or self.part, activity, state, detail)
        except ActivityFailed as error:
            self.lost = self.lost or str(error)

    def go_on(self) -> None:
        """Raises InterruptExecution if the experiment must end; never during rollbacks."""
        reason = self.stop or self.lost
        if reason and self.part != "rollbacks":
            raise InterruptExecution(reason)

    def _send(self, part: str, activity: str, state: str, detail: object) -> None:
        body = {
            "experiment": self.title,
            "part": part,
            "activity": activity[:LONGEST_NAME],
            "state": state,
            "detail": None if detail is None else str(detail)[:LONGEST_DETAIL],
        }
        panel_http.ask("POST", "activities", body)


report = Report()
"""Of the one experiment that a process runs."""


def configure_control(experiment: dict[str, Any]) -> None:
    """The engine loads this control."""
    report.begin(experiment["title"])


def before_hypothesis_control(context: dict[str, Any]) -> None:
    """The steady state is about to be checked."""
    if report.part == "method":
        report.part = "hypothesis-after"
    report.tell(context["title"], "started")


def after_hypothesis_control(context: dict[str, Any], state: dict[str, Any] | None) -> None:
    """It was checked: within every tolerance or not."""
    met = (state or {}).get("steady_state_met")
    if met is None:
        report.tell(context["title"], "aborted")
    else:
        report.tell(context["title"], "succeeded" if met else "failed", None if met else missed(state or {}))


def before_method_control(context: dict[str, Any]) -> None:  # noqa: ARG001 - the engine names it
    """The method begins."""
    report.part = "method"


def before_rollback_control(context: dict[str, Any]) -> None:  # noqa: ARG001 - the engine names it
    """The rollbacks begin."""
    report.part = "rollbacks"


def before_activity_control(context: dict[str, Any]) -> None:
    """An activity is about to start, unless the experiment must end."""
    report.go_on()
    report.tell(context["name"], "started")
    report.go_on()


def after_activity_control(context: dict[str, Any], state: dict[str, Any] | None) -> None:
    """An activity has ended; after a failed action there is nothing to wait for."""
    if state is None:
        report.tell(context["name"], "aborted")
        return
    if context["type"] == "probe" and state["status"] == "succeeded" and "tolerance" in context:
        _tell_measured(context, state["output"])
        return
    has_failed = state["status"] != "succeeded"
    report.tell(context["name"], "failed" if has_failed else "succeeded", failure(state) or state["output"])
    if has_failed and context["type"] == "action" and report.part == "method":
        raise InterruptExecution(f'the action "{context["name"]}" failed: {failure(state)}')


def _tell_measured(probe: dict[str, Any], output: Any) -> None:
    """A probe with a tolerance: the engine compares what it found only after this control, if at all."""
    tolerance = probe["tolerance"]
    if measured.is_within(tolerance, output):
        report.tell(probe["name"], "succeeded", output)
    else:
        report.tell(probe["name"], "failed", measured.beside(tolerance, output))


def failure(run: dict[str, Any]) -> str:
    """Why an activity failed, as one line without the engine's class names; empty if it didn't."""
    lines = [line.strip() for line in run.get("exception") or [] if line.strip()]
    words = lines[-1] if lines else ""
    while words.partition(": ")[0].rpartition(".")[2].endswith(("Failed", "Error")) and ": " in words:
        words = words.partition(": ")[2]
    return words


def missed(state: dict[str, Any]) -> str:
    """Which probe was out of its tolerance, or failed."""
    probe = (state.get("probes") or [{}])[-1]
    activity = probe.get("activity", {})
    if probe.get("status") == "failed":
        return f'the probe "{activity.get("name")}" failed: {failure(probe)}'
    found = measured.beside(activity.get("tolerance"), probe.get("output"))
    return f'the probe "{activity.get("name")}" found {found}'
