"""A run and an export whose names and messages are written as they were meant. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from brownout_results.read.exceptions import UserException
from brownout_results.read.failures import Failure

from .exported import Export
from .run import LocustRun
from .spelling import spelling_of

Written = Callable[[str], str]


def respelled(run: LocustRun) -> LocustRun:
    """Return the run with its texts in the encoding that they are in; all of them are of one system."""
    names = [text for part in run.endpoints for text in (part.method, part.name)]
    written = spelling_of([*names, *_texts(run.failures, run.exceptions)])
    return replace(
        run,
        endpoints=[
            replace(part, method=written(part.method), name=written(part.name)) for part in run.endpoints
        ],
        failures=_failures(run.failures, written),
        exceptions=_exceptions(run.exceptions, written),
    )


def respelled_export(export: Export) -> Export:
    """Return the export with its texts in the encoding that they are in: old reports are in the system's."""
    names = [text for key in export.endpoints for text in key]
    written = spelling_of([*names, *_texts(export.failures, export.exceptions)])
    return replace(
        export,
        endpoints={(written(method), written(name)): one for (method, name), one in export.endpoints.items()},
        target=export.target and written(export.target),
        failures=_failures(export.failures, written),
        exceptions=_exceptions(export.exceptions, written),
    )


def _texts(failures: Sequence[Failure], exceptions: Sequence[UserException]) -> list[str]:
    return [
        *(text for failure in failures for text in (failure.method, failure.name, failure.error)),
        *(text for one in exceptions for text in (one.message, one.traceback)),
    ]


def _failures(failures: Sequence[Failure], written: Written) -> list[Failure]:
    return [
        one._replace(method=written(one.method), name=written(one.name), error=written(one.error))
        for one in failures
    ]


def _exceptions(exceptions: Sequence[UserException], written: Written) -> list[UserException]:
    return [
        one._replace(message=written(one.message), traceback=written(one.traceback)) for one in exceptions
    ]
