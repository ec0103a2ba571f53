"""Errors as problem documents (RFC 9457), the one shape that every error of a control endpoint has."""

from http import HTTPStatus
from typing import Any

import msgspec
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.wrappers import Response


class Problem(HTTPException):
    """An error to answer with.

    `detail` is for people: what is wrong, and what is allowed. `extra` is for programs: `sent` and `allowed`.
    """

    def __init__(self, status: int, detail: str, **extra: Any) -> None:
        super().__init__(detail)
        self.code = status
        self.extra = extra


def answer(error: HTTPException) -> Response:
    """The problem document for an error, with the headers that belong to it (`Allow`)."""
    response = error.get_response()
    detail, extra = error.description, {}
    match error:
        case Problem():
            extra = error.extra
        case MethodNotAllowed():
            extra = {"allowed": ", ".join(sorted(error.valid_methods or ()))}
            detail = f"this method is not possible here; allowed: {extra['allowed']}"
    status = HTTPStatus(response.status_code)
    problem = {"type": "about:blank", "title": status.phrase, "status": status, "detail": detail, **extra}
    response.set_data(msgspec.json.encode(problem) + b"\n")
    response.content_type = "application/problem+json"
    return response
