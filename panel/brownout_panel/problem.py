"""Errors of the API as problem documents (RFC 9457), one shape for all of them."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import msgspec
from flask import Response

from brownout_fleet.model import FleetError, NotRunningError, UnknownReplicaError
from brownout_panel.errors import PanelError, RefusedError
from brownout_terms.codes import Code

CONTENT_TYPE = "application/problem+json"

FLEET: dict[type[FleetError], tuple[int, Code]] = {
    NotRunningError: (409, Code.NOT_RUNNING),
    UnknownReplicaError: (404, Code.UNKNOWN_REPLICA),
}
"""The fleet's errors; a FleetError of no other type is a fleet that does not answer."""

HTTP = {404: Code.NOT_FOUND, 405: Code.METHOD_NOT_ALLOWED, 413: Code.BODY_TOO_LONG}
"""Errors that Flask raises, by status."""


class ProblemDocument(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What went wrong. `detail` is a sentence for people; programs go by `code`, `sent` and `allowed`."""

    type: str
    title: str
    status: int
    code: Code
    detail: str
    sent: Any = None
    allowed: Any = None
    replicas: dict[str, str] = {}
    """Reason for each replica that is behind."""


def problem(status: int, code: Code, detail: str, **more: Any) -> ProblemDocument:
    """Return a problem document; its code tells it from others, not its type."""
    title = HTTPStatus(status).phrase
    return ProblemDocument(type="about:blank", title=title, status=status, code=code, detail=detail, **more)


def code_of(error: PanelError | FleetError) -> Code:
    """Return the code of an error of the panel or the fleet."""
    return error.code if isinstance(error, PanelError) else _fleet(error)[1]


def problem_of(error: PanelError | FleetError) -> ProblemDocument:
    """Return the problem document of an error of the panel or the fleet."""
    if isinstance(error, FleetError):
        return problem(*_fleet(error), str(error))
    status = error.status
    if isinstance(error, RefusedError) and error.problem.get("status") == 422:
        status = 422
    return problem(status, error.code, str(error), **error.members)


def answer(document: ProblemDocument) -> Response:
    """Return the HTTP answer."""
    return Response(msgspec.json.encode(document) + b"\n", document.status, content_type=CONTENT_TYPE)


def _fleet(error: FleetError) -> tuple[int, Code]:
    found = (FLEET[kind] for kind in FLEET if isinstance(error, kind))
    return next(found, (503, Code.FLEET_UNREACHABLE))
