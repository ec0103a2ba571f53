"""Chaos Toolkit control that writes each activity to the panel's timeline as it happens.

The engine writes its journal only at the end, and skips a control that fails to load with a debug line.
So the runner goes on only once this control has reported in, that is, once the panel has accepted its
first entry.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chaoslib.exceptions import ActivityFailed, InterruptExecution

from brownout_chaos import panel_http, tolerances

NAME = "brownout timeline"
DECLARATION = {"name": NAME, "provider": {"type": "python", "module": __name__}}
"""What an experiment's "controls" needs; the runner adds it."""

BAD_ANSWER = 400
"""HTTP status from which on a server has not done what it was asked."""

LONGEST_NAME, LONGEST_DETAIL = 200, 2_000
"""Characters that the panel accepts."""


class Timeline:
    """Writes what this process's experiment does to the panel's timeline."""

    def __init__(self) -> None:
        self.title = "?"
        self.part = "hypothesis-before"
        self.reported_in = False
        self.lost: str | None = None
        """Why the panel could not be reached."""
        self.stop: str | None = None
        """Why no further activity may start; rollbacks may."""

    def begin(self, title: str) -> None:
        """Write the first entry. Raises ActivityFailed if the panel does not accept it."""
        self.title, self.part, self.lost, self.reported_in = (
            title[:LONGEST_NAME],
            "hypothesis-before",
            None,
            False,
        )
        self._send("experiment", self.title, "started", None)
        self.reported_in = True

    def write(self, activity: str, state: str, detail: object = None, part: str | None = None) -> None:
        """Write one entry; why it can't be written is kept in `lost`."""
        try:
            self._send(part or self.part, activity, state, detail)
        except ActivityFailed as error:
            self.lost = self.lost or str(error)

    def continue_or_raise(self) -> None:
        """Raise InterruptExecution if the experiment must end; never during rollbacks."""
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


timeline = Timeline()
"""The timeline of the one experiment that this process runs."""


def configure_control(experiment: dict[str, Any]) -> None:
    """Called when the engine loads this control."""
    timeline.begin(experiment["title"])


def before_hypothesis_control(context: dict[str, Any]) -> None:
    """Called before the steady state is checked."""
    if timeline.part == "method":
        timeline.part = "hypothesis-after"
    timeline.write(context["title"], "started")


def after_hypothesis_control(context: dict[str, Any], state: dict[str, Any] | None) -> None:
    """Called after the steady state was checked."""
    met = (state or {}).get("steady_state_met")
    if met is None:
        timeline.write(context["title"], "aborted")
    else:
        timeline.write(
            context["title"], "succeeded" if met else "failed", None if met else unmet(state or {})
        )


def before_method_control(context: dict[str, Any]) -> None:  # noqa: ARG001 - the engine names it
    """Called when the method begins."""
    timeline.part = "method"


def before_rollback_control(context: dict[str, Any]) -> None:  # noqa: ARG001 - the engine names it
    """Called when the rollbacks begin."""
    timeline.part = "rollbacks"


def before_activity_control(context: dict[str, Any]) -> None:
    """Called before an activity; keeps it from starting if the experiment must end."""
    timeline.continue_or_raise()
    timeline.write(context["name"], "started")
    timeline.continue_or_raise()


def after_activity_control(context: dict[str, Any], state: dict[str, Any] | None) -> None:
    """Called after an activity; ends the method after a failed action."""
    if state is None:
        timeline.write(context["name"], "aborted")
        return
    if context["type"] == "probe" and state["status"] == "succeeded" and "tolerance" in context:
        _write_measurement(context, state["output"])
        return
    failed = has_failed(state)
    timeline.write(context["name"], "failed" if failed else "succeeded", failure(state) or state["output"])
    if failed and context["type"] == "action" and timeline.part == "method":
        raise InterruptExecution(f'the action "{context["name"]}" failed: {failure(state)}')


def _write_measurement(probe: dict[str, Any], output: Any) -> None:
    """Write a probe that has a tolerance, which the engine compares only after this control, if at all."""
    tolerance = probe["tolerance"]
    if tolerances.is_within(tolerance, output):
        timeline.write(probe["name"], "succeeded", output)
    else:
        timeline.write(probe["name"], "failed", tolerances.comparison(tolerance, output))


def has_failed(run: Mapping[str, Any]) -> bool:
    """Return whether an activity failed: also an action whose process or HTTP request did.

    The engine says "succeeded" of these, and logs a warning.
    """
    return run.get("status") != "succeeded" or bool(_refusal(run))


def _refusal(run: Mapping[str, Any]) -> str:
    """Write how the process or the server of an action says that it did not do it; "" if it does not."""
    activity, output = run.get("activity") or {}, run.get("output")
    kind = (activity.get("provider") or {}).get("type")
    if activity.get("type") != "action" or kind not in ("process", "http") or not isinstance(output, dict):
        return ""
    status = output.get("status")
    if not isinstance(status, int):
        return ""
    if kind == "http":
        return f"it was answered with {status}" if status >= BAD_ANSWER else ""
    if not status:
        return ""
    said = [line for line in str(output.get("stderr") or output.get("stdout")).splitlines() if line.strip()]
    how = f"exit code {status}" if status > 0 else f"signal {-status}"
    return f"its process ended with {how}" + (f": {said[-1].strip()}" if said else "")


def failure(run: dict[str, Any]) -> str:
    """Return why an activity failed, in one line without the engine's class names; "" if it did not."""
    if refusal := _refusal(run):
        return refusal
    lines = [line.strip() for line in run.get("exception") or [] if line.strip()]
    words = lines[-1] if lines else ""
    while words.partition(": ")[0].rpartition(".")[2].endswith(("Failed", "Error")) and ": " in words:
        words = words.partition(": ")[2]
    return words


def unmet(state: dict[str, Any]) -> str:
    """Write which probe was out of its tolerance, or failed."""
    probe = (state.get("probes") or [{}])[-1]
    activity = probe.get("activity", {})
    if probe.get("status") == "failed":
        return f'the probe "{activity.get("name")}" failed: {failure(probe)}'
    found = tolerances.comparison(activity.get("tolerance"), probe.get("output"))
    return f'the probe "{activity.get("name")}" found {found}'
