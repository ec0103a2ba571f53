"""Reads an answer: the contract's JSON, or Prometheus text (`prometheus_text.py`). Pure."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from brownout_panel.breaker_log import BreakerLogEntry
from brownout_panel.own_breakers import prometheus_text
from brownout_panel.own_breakers.report import Report, ReportedBreaker

Name = Annotated[str, Meta(min_length=1, max_length=200)]
Count = Annotated[int, Meta(ge=0)]

MOST_BREAKERS = 100
"""Breakers taken from one answer; more could not be told apart on a page."""


class UnreadableError(Exception):
    """The answer has none of the forms; the message says what is wrong."""


class _ToldBreaker(msgspec.Struct):
    name: Name
    state: str
    since: float | None = None
    seconds_until_half_open: float | None = None
    fail_counter: int | None = None
    fail_max: int | None = None
    transitions: list[BreakerLogEntry] | None = None


class _Retries(msgspec.Struct):
    requests: Count
    attempts: Count


class _Document(msgspec.Struct):
    breakers: list[_ToldBreaker]
    boot_id: str = ""
    retries: _Retries | None = None


def read(body: bytes) -> Report:
    """Return what an answer says. Raises UnreadableError."""
    if body.lstrip()[:1] == b"{":
        return _read_document(body)
    try:
        report = prometheus_text.read(body.decode("utf-8"))
    except ValueError as error:
        raise UnreadableError(f"answers neither JSON nor Prometheus text: {error}") from None
    return msgspec.structs.replace(report, breakers=report.breakers[:MOST_BREAKERS])


def _read_document(body: bytes) -> Report:
    try:
        document = msgspec.json.decode(body, type=_Document)
    except msgspec.DecodeError as error:
        raise UnreadableError(f"answers JSON in another form: {error}") from None
    retries = document.retries
    return Report(
        document.boot_id,
        [_reported(one) for one in document.breakers[:MOST_BREAKERS]],
        retries.requests if retries else None,
        retries.attempts if retries else None,
    )


def _reported(one: _ToldBreaker) -> ReportedBreaker:
    return ReportedBreaker(
        one.name,
        prometheus_text.WORDS.get(one.state.lower().replace("_", "-"), "unknown"),
        one.transitions,
        fail_counter=one.fail_counter,
        fail_max=one.fail_max,
        seconds_until_half_open=one.seconds_until_half_open,
    )
