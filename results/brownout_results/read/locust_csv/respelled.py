"""A run and an export whose names and messages are written as they were meant. Pure."""

from __future__ import annotations

from dataclasses import replace

from .run import LocustRun, RequestStats
from .spelling import spelling_of


def respelled(run: LocustRun) -> LocustRun:
    """Return the run with its texts in the encoding that they are in; all of them are of one system."""
    written = spelling_of(
        [
            *(text for part in run.endpoints for text in (part.method, part.name)),
            *(text for one in run.failures for text in (one.method, one.name, one.error)),
            *(text for one in run.exceptions for text in (one.message, one.traceback)),
        ]
    )

    def of_part(part: RequestStats) -> RequestStats:
        return replace(part, method=written(part.method), name=written(part.name))

    return replace(
        run,
        endpoints=[of_part(part) for part in run.endpoints],
        failures=[
            one._replace(method=written(one.method), name=written(one.name), error=written(one.error))
            for one in run.failures
        ],
        exceptions=[
            one._replace(message=written(one.message), traceback=written(one.traceback))
            for one in run.exceptions
        ],
    )
