"""The control endpoints of an injector: the fault set, and a description of the kinds of fault."""

from collections.abc import Iterable
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

import msgspec
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.wrappers import Request, Response

from . import connection, problem, validation
from .document import FaultDocument, document_type
from .problem import Problem
from .state import FaultState
from .writing import described_kinds

METHODS = ("GET", "HEAD", "PUT", "DELETE")


def control(state: FaultState, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Answer one request to the control endpoint. Each success answers the report of what is now in force.

    DELETE is the same as to PUT a document without faults, seed, revision and lease.
    """
    request = Request(environ)
    try:
        match request.method:
            case "GET" | "HEAD":
                pass
            case "PUT":
                document = validation.read(request, document_type())
                _refuse_impossible(document, environ)
                state.apply(document)
            case "DELETE":
                state.apply(FaultDocument(faults=()))
            case _:
                raise MethodNotAllowed(METHODS)
    except HTTPException as error:
        return problem.answer(error)(environ, start_response)
    return _json(state.report())(environ, start_response)


def describe_kinds(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Answer one request for the kinds of fault: GET only."""
    if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
        return problem.answer(MethodNotAllowed(["GET", "HEAD"]))(environ, start_response)
    return _json({"kinds": described_kinds()})(environ, start_response)


def _json(answer: Any) -> Response:
    return Response(msgspec.json.encode(answer) + b"\n", mimetype="application/json")


def _refuse_impossible(document: FaultDocument, environ: WSGIEnvironment) -> None:
    """Refuse faults that this server can't do, rather than accept them and do something else."""
    if connection.accessible(environ):
        return
    server = environ.get("SERVER_SOFTWARE", "")
    for fault in document.faults:
        if fault.needs_connection:
            raise Problem(
                422,
                f'"{fault.kind()}" closes the connection, which this server ("{server}") does not let an '
                f"application do; it works under {connection.SERVERS}",
                sent=fault.kind(),
                allowed=connection.SERVERS,
            )
