"""Codes of problems and of outcomes: what programs go by. The sentence beside a code is for people."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any


class Code(StrEnum):
    """Member `code` of a problem document of the panel, and of an event in the timeline."""

    OK = "ok"
    """Done as asked. Only in events, as the next two are."""
    PARTLY = "partly"
    """Some replicas have not confirmed it yet."""
    SUPERSEDED = "superseded"
    """Something else was asked for before it was confirmed."""

    BLOCKED = "blocked"
    """Everything was stopped, and nobody has released it yet."""
    BAD_BODY = "bad-body"
    BAD_PARAMETER = "bad-parameter"
    BODY_TOO_LONG = "body-too-long"
    BODY_WITHOUT_LENGTH = "body-without-length"
    EXPERIMENT_BUSY = "experiment-busy"
    """Another experiment runs, or no load runs for it to be judged by."""
    EXPERIMENT_REFUSED = "experiment-refused"
    EXPERIMENTS_MISSING = "experiments-missing"
    """The program that runs experiments does not answer."""
    FLEET_UNREACHABLE = "fleet-unreachable"
    FOREIGN_ORIGIN = "foreign-origin"
    """A change without the token that comes from another page."""
    FOREIGN_SERVICE = "foreign-service"
    """The service has no control URL for it."""
    HTTP = "http"
    """An HTTP error of no other code; the status says which."""
    KILL_UNDER_WAY = "kill-under-way"
    """The replica that was killed before is not back yet; ask again in a moment."""
    LAST_READY = "last-ready"
    """It is the last ready replica of its service."""
    LOAD_REFUSED = "load-refused"
    METHOD_NOT_ALLOWED = "method-not-allowed"
    NOT_CLEARED = "not-cleared"
    """Some replicas have not confirmed that their faults are gone."""
    NOT_CONFIRMED = "not-confirmed"
    """No replica confirmed it in time; nothing was changed."""
    NOT_FOUND = "not-found"
    NOT_JSON = "not-json"
    NOT_RUNNING = "not-running"
    REFUSED_BY_REPLICA = "refused-by-replica"
    REPORT_FAILED = "report-failed"
    TOKEN_NEEDED = "token-needed"  # noqa: S105 - no token
    TOO_MANY_STREAMS = "too-many-streams"
    UNKNOWN_HOST = "unknown-host"
    """The Host header names none of the panel's addresses."""
    UNKNOWN_REPLICA = "unknown-replica"
    UNKNOWN_RUN = "unknown-run"
    WRONG_TOKEN = "wrong-token"  # noqa: S105 - no token


DONE = (Code.OK, Code.PARTLY, Code.SUPERSEDED)
"""Codes of an event whose command was carried out. Every other code says why it was not."""


def is_done(event: Mapping[str, Any]) -> bool:
    """Whether the command that an event of the timeline records was carried out."""
    return event.get("code", Code.OK) in DONE
