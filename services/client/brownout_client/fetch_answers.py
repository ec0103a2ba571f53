"""Answers to `/fetch`, the same as those of the lab's client."""

import msgspec
from werkzeug.wrappers import Response

from .backend_client import FORWARDER_HEADER
from .caller import Result


def answer(result: Result) -> Response:
    """200 with the data; 503 with a fallback; else the failure itself, with a gateway's status.

    What a forwarder caused is marked in the same way as the forwarder's own answers are: it is not to be
    blamed on any service.
    """
    if result.cause is None:
        body = b'{"status":"ok","data":%b}\n' % result.data.strip()
        return Response(body, 200, mimetype="application/json")
    told = {"status": result.outcome, "message": result.cause}
    headers = {}
    if result.cause == "tunnel":
        told["reason"], headers[FORWARDER_HEADER] = result.reason, "tunnel"
    body = msgspec.json.encode(told) + b"\n"
    return Response(body, _status(result.outcome, result.cause), headers, mimetype="application/json")


def _status(outcome: str, cause: str) -> int:
    if outcome == "fallback" or cause == "circuit-open":
        return 503
    return 504 if cause == "timeout" else 502
