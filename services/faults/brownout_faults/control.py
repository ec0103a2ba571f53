"""The control endpoints of an injector: the fault set, and a description of the kinds of fault."""

from typing import Any
from wsgiref.types import WSGIEnvironment

import msgspec
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.wrappers import Request, Response

from . import problem, validation
from .ability import Ability, refuse_impossible
from .document import FaultDocument, document_type
from .state import FaultState
from .writing import described_kinds

METHODS = ("GET", "HEAD", "PUT", "DELETE")


def control(endpoint: str, state: FaultState, environ: WSGIEnvironment, ability: Ability) -> Response:
    """Answer one request to a control endpoint: `faults` or `kinds`."""
    request = Request(environ)
    try:
        if endpoint == "kinds":
            return _kinds(request)
        return _faults(request, state, ability)
    except HTTPException as error:
        return problem.answer(error)


def _faults(request: Request, state: FaultState, ability: Ability) -> Response:
    """Read or change the fault set; each success answers the report of what is now in force.

    DELETE is the same as to PUT a document without faults, seed, revision and lease.
    """
    match request.method:
        case "GET" | "HEAD":
            pass
        case "PUT":
            document = validation.read(request, document_type())
            refuse_impossible(document, ability, state.dependency)
            state.apply(document)
        case "DELETE":
            state.apply(FaultDocument(faults=()))
        case _:
            raise MethodNotAllowed(METHODS)
    return _json(state.report())


def _kinds(request: Request) -> Response:
    if request.method not in ("GET", "HEAD"):
        raise MethodNotAllowed(["GET", "HEAD"])
    return _json({"kinds": described_kinds()})


def _json(answer: Any) -> Response:
    return Response(msgspec.json.encode(answer) + b"\n", mimetype="application/json")
