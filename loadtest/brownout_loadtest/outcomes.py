"""What came of a request: `ok`, `fallback`, `error` or `tunnel`, and why.

An outcome travels from the user that judged the answer to whoever counts it in the request event's
`context`, under `CONTEXT_KEY`, and what it is called under `CAUSE_KEY`: causes are recorded also of outcomes
that don't count as failures, of which Locust's own table has none. Requests of a locustfile that judges
nothing get theirs from Locust's verdict.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from brownout_loadtest.outcome_rules import OWN
from brownout_terms import outcomes
from brownout_terms.headers import FORWARDER
from brownout_terms.limits import FORWARDER_LIMIT, limit_of

CONTEXT_KEY = "brownout_outcome"
CAUSE_KEY = "brownout_cause"
"""Names of our own: a locustfile's context may well have an `outcome`, which is its author's."""

CAUSE_LENGTH = 80
"""Causes are rows of Locust's failure table: longer ones are cut, so that they stay few and readable."""

EXCEPTION_LENGTH = 300
"""The same for texts of exceptions, which may hold whole answers."""

_ADDRESS = re.compile(r"(?<= object at 0x)[0-9a-f]+")

CAUSES: tuple[tuple[str, str], ...] = (
    ("ConnectionRefusedError", "connection refused"),
    ("ConnectionResetError", "connection reset"),
    ("BrokenPipeError", "connection reset"),
    ("HTTPConnectionClosed", "connection reset"),
    ("TimeoutError", "timeout"),
    ("Timeout", "timeout"),
    ("gaierror", "unknown host"),
    ("SSLError", "tls failure"),
    ("HTTPParseError", "broken answer"),
    ("error", "broken answer"),  # zlib's
)
"""Class names of exceptions, the more specific first; names, so that no HTTP library has to be imported."""


class Headers(Protocol):
    """The one thing asked of an answer's headers, whatever library they come from."""

    def get(self, key: str, /) -> Any: ...


@dataclass(frozen=True, slots=True)
class RequestOutcome:
    """What came of one request; `cause` is None for `ok`, and for a `tunnel` that the forwarder told of."""

    kind: outcomes.Outcome
    cause: str | None = None

    @property
    def name(self) -> str:
        """The cause as Locust's failure table shows it: "fallback: circuit-open", "tunnel", "timeout"."""
        if self.kind == "error":
            return self.cause or "error"
        if self.kind == "tunnel":
            return self.cause or "tunnel"
        return f"{self.kind}: {self.cause}" if self.cause else self.kind


class OutcomeError(Exception):
    """An outcome that counts as a failure; Locust's tables show its `repr`, which is the bare name."""

    def __init__(self, outcome: RequestOutcome) -> None:
        super().__init__(outcome.name)
        self.outcome = outcome

    def __repr__(self) -> str:
        return str(self)


def classify(
    status: int, headers: Headers | None, body: bytes | None, exception: BaseException | None
) -> RequestOutcome:
    """The outcome of an answer to the client's `/fetch`, or of the exception that came in its place.

    `status` is 0 when there was no answer. The forwarder's own answers are told from the services' by its
    header; a body that isn't the contract is an error, whatever the status. A request that failed at a limit
    of the load generator's is no failure of the service's either: that is `tunnel`, with the limit as cause.
    """
    if exception is not None:
        limit = limit_of(exception)
        return RequestOutcome("tunnel", limit) if limit else RequestOutcome("error", cause_of(exception))
    forwarder = headers.get(FORWARDER) if headers is not None else None
    if forwarder == "tunnel":
        return RequestOutcome(
            "tunnel", FORWARDER_LIMIT if FORWARDER_LIMIT.encode() in (body or b"") else None
        )
    if forwarder == "no-ready-replica":
        return RequestOutcome("error", "no ready replica")
    told, message = _contract(body)
    if told == "ok" and status == 200:
        return RequestOutcome("ok")
    if told == "fallback":
        return RequestOutcome("fallback", message)
    if told == "error":
        return RequestOutcome("error", f"error: {message}")
    return RequestOutcome("error", "unexpected body" if status == 200 else f"http {status}")


def cause_of(exception: BaseException) -> str:
    """A short name for what went wrong on the way: "timeout", "connection reset", …"""
    # geventhttpclient wraps what it might have retried.
    original = getattr(exception, "original", None)
    told = original if isinstance(original, BaseException) else exception
    names = [cls.__name__ for cls in type(told).__mro__]
    for name, cause in CAUSES:
        if name in names:
            return cause
    return type(told).__name__


def of_request_event(exception: object, context: object, response: object) -> outcomes.Outcome:
    """The kind of a finished request, from the arguments of Locust's `request` event, of whatever types.

    Without a user's word of ours it is Locust's verdict, which goes by whether the exception is true.
    """
    judged = _ours(context, CONTEXT_KEY)
    if isinstance(judged, str):
        for kind in outcomes.OUTCOMES:
            if judged == kind:
                return kind
    if not _is_true(exception):
        return "ok"
    try:
        if isinstance(exception, BaseException) and limit_of(exception):
            return "tunnel"
        through_tunnel = response.headers.get(FORWARDER) == "tunnel"  # type: ignore[attr-defined]  # or not
    except Exception:  # noqa: BLE001 - of whatever types: without a header of ours it is no tunnel
        through_tunnel = False
    return "tunnel" if through_tunnel else "error"


def judged(
    exception: object, context: object, response: object, started: object
) -> tuple[outcomes.Outcome, str]:
    """Return the kind of a finished request, and why: the word of the user's own rules goes before ours.

    What failed on its way to the service is no answer that a rule could judge.
    """
    kind = of_request_event(exception, context, response)
    if OWN.is_active and (told := OWN.verdict(response, started)) and kind != "tunnel":
        return told.kind, told.name
    return kind, "" if kind == "ok" else cause_of_event(exception, context)


def cause_of_event(exception: object, context: object) -> str:
    """Why a finished request is not `ok`, from the arguments of Locust's `request` event, of whatever types.

    What the user that judged it calls it; else the exception's text, as Locust's table of failures has it.
    """
    cause = _ours(context, CAUSE_KEY)
    told = exception if cause is None else cause
    try:
        if isinstance(told, BaseException) and (limit := limit_of(told)):
            return limit
        text = told if isinstance(told, str) else repr(told)
    except Exception:  # noqa: BLE001 - what a stranger's repr may raise
        text = type(told).__name__
    return _ADDRESS.sub("....", text)[:EXCEPTION_LENGTH]


def _is_true(exception: object) -> bool:
    """Whether Locust counts a failure: it counts none of an exception that can't tell."""
    try:
        return bool(exception)
    except Exception:  # noqa: BLE001 - what a stranger's __bool__ may raise
        return False


def _ours(context: object, key: str) -> Any:
    """What a user of ours has left in a request's context; None in a context of any other shape."""
    try:
        return context.get(key) if isinstance(context, Mapping) else None
    except Exception:  # noqa: BLE001 - what a stranger's mapping may raise
        return None


def _contract(body: bytes | None) -> tuple[str | None, str]:
    """Status and message of the client's JSON answer; (None, "") for any other body."""
    try:
        answer = json.loads(body or b"")
    except ValueError:
        return None, ""
    if not isinstance(answer, dict):
        return None, ""
    return answer.get("status"), str(answer.get("message", "unknown"))[:CAUSE_LENGTH]
