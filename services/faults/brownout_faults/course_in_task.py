"""Carries out the waits of a request's course on an event loop."""

from . import ability
from .active_faults import ActiveFaults
from .course import Course, Ending, Step
from .selection import Hit


async def run(steps: Course, active: ActiveFaults, first: Step | None = None) -> Ending:
    """Wait as the course says; only this task does. Returns what is left to do.

    `first` is a step that was taken from it already.
    """
    try:
        step = next(steps) if first is None else first
        while True:
            if isinstance(step, Hit):
                raise TypeError(f'"{step.fault.kind()}" {ability.without_wsgi(step.fault)}')
            step = steps.send(await active.sleep_async(step.seconds))
    except StopIteration as stop:
        ending: Ending = stop.value
        return ending
