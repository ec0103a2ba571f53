"""Errors of the API as problem documents (RFC 9457), one shape for all of them."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import msgspec
from flask import Response

from brownout_fleet.model import FleetError, NotRunningError, UnknownReplicaError
from brownout_panel.errors import (
    BlockedError,
    ExperimentBusyError,
    ExperimentError,
    ExperimentsMissingError,
    ForeignServiceError,
    KillUnderWayError,
    LastReadyError,
    LoadRefusedError,
    NobodyConfirmedError,
    NotClearedError,
    PanelError,
    RefusedError,
    ReportError,
    UnknownRunError,
)

CONTENT_TYPE = "application/problem+json"

STATUSES: dict[type[Exception], int] = {
    BlockedError: 409,
    ExperimentBusyError: 409,
    ExperimentError: 400,
    ExperimentsMissingError: 503,
    KillUnderWayError: 409,
    LastReadyError: 409,
    LoadRefusedError: 400,
    NobodyConfirmedError: 503,
    NotClearedError: 503,
    NotRunningError: 409,
    ReportError: 503,
    UnknownRunError: 404,
    UnknownReplicaError: 404,
    FleetError: 503,
    PanelError: 400,
}
"""The first one that fits; a FleetError of no other kind is a fleet that can't be reached."""


class Problem(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What went wrong: `detail` is for people, `sent` and `allowed` are for programs."""

    type: str
    title: str
    status: int
    detail: str
    sent: Any = None
    allowed: Any = None
    replicas: dict[str, str] = {}
    """By replica, why it is behind."""


def problem(status: int, detail: str, **more: Any) -> Problem:
    """A problem document of no particular type."""
    title = HTTPStatus(status).phrase
    return Problem(type="about:blank", title=title, status=status, detail=detail, **more)


def problem_of(error: PanelError | FleetError) -> Problem:
    """What an error of the panel's or the fleet's says."""
    match error:
        case RefusedError():
            status = 422 if error.problem.get("status") == 422 else 400
            known = {key: error.problem[key] for key in ("sent", "allowed") if key in error.problem}
            return problem(status, str(error), **known)
        case ForeignServiceError():
            return problem(422, str(error), replicas=error.reasons)
        case NobodyConfirmedError() | NotClearedError():
            return problem(503, str(error), replicas=error.reasons)
    status = next(status for kind, status in STATUSES.items() if isinstance(error, kind))
    return problem(status, str(error))


def answer(document: Problem) -> Response:
    """The HTTP answer."""
    return Response(msgspec.json.encode(document) + b"\n", document.status, content_type=CONTENT_TYPE)
