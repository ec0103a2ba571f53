"""Answers to `/fetch`, the same as those of the lab's client."""

import msgspec
from werkzeug.wrappers import Response

from .caller import Result


def answer(result: Result) -> Response:
    """200 with the data; 503 with a fallback; else the failure itself, with a gateway's status."""
    if result.cause is None:
        body = b'{"status":"ok","data":%b}\n' % result.data.strip()
        return Response(body, 200, mimetype="application/json")
    body = msgspec.json.encode({"status": result.outcome, "message": result.cause}) + b"\n"
    return Response(body, _status(result.outcome, result.cause), mimetype="application/json")


def _status(outcome: str, cause: str) -> int:
    if outcome == "fallback" or cause == "circuit-open":
        return 503
    return 504 if cause == "timeout" else 502
