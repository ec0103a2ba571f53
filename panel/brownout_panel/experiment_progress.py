"""Derives an experiment's progress from what its activities report. Pure."""

from __future__ import annotations

from msgspec.structs import replace

from brownout_panel.model import Activity, Experiment, Step

WHOLE = "experiment"
"""The part that stands for the whole experiment: its start, and at its end the verdict."""

STEPS = 500
"""Steps kept of an experiment: the last ones."""


def advanced(before: Experiment | None, activity: Activity, at: float) -> Experiment:
    """Return the experiment after an activity. The first report of an unknown experiment begins it."""
    is_start = activity.part == WHOLE and activity.state == "started"
    goes_on = before is not None and before.ended_at is None and not (is_start and before.steps)
    now = before if before and goes_on else begun(None, activity.experiment, at)
    if activity.part != WHOLE:
        return replace(now, title=activity.experiment, steps=_with(now.steps, activity, at))
    if activity.state == "started":
        return replace(now, title=activity.experiment)
    return replace(now, title=activity.experiment, state=activity.state, verdict=activity.detail, ended_at=at)


def begun(file: str | None, title: str, at: float) -> Experiment:
    """Return an experiment at its start."""
    return Experiment(file, title, "running", started_at=at, ended_at=None, verdict=None, steps=[])


def ended(before: Experiment, verdict: str, at: float) -> Experiment:
    """Return the experiment after its process is gone; `verdict` is used if it left none."""
    if before.ended_at is not None:
        return before
    return replace(before, state="failed", verdict=verdict, ended_at=at)


def _with(steps: list[Step], activity: Activity, at: float) -> list[Step]:
    """Add an activity; one that ends belongs to the last one of its name that began."""
    made = Step(activity.part, activity.activity, activity.state, activity.detail, at)
    for index in range(len(steps) - 1, -1, -1):
        one = steps[index]
        if (one.part, one.activity, one.state) == (made.part, made.activity, "started"):
            if made.state == "started":
                break
            return [*steps[:index], replace(made, at=one.at), *steps[index + 1 :]]
    return [*steps, made][-STEPS:]
