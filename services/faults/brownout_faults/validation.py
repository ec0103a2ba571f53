"""Request bodies: JSON of a given type, or a problem that says what was sent and what is allowed."""

import json
from typing import Any, TypeVar

import msgspec
from werkzeug.wrappers import Request

from . import explanations
from .problem import Problem

MAX_BODY = 65_536
"""Bytes; a hundred times what the longest sensible document needs."""

T = TypeVar("T")


def read(request: Request, expected: type[T]) -> T:
    """The request's body. Raises Problem: 400, 413 if it is longer than MAX_BODY, 415 if it isn't JSON."""
    body = _bytes(request)
    if not body.strip():
        raise Problem(400, f"the body is empty; allowed: {explanations.allowed_values(expected)}")
    if not request.is_json:
        raise Problem(
            415,
            f'the content type is "{request.content_type or ""}"; allowed: application/json',
            sent=request.content_type,
            allowed="application/json",
        )
    return decode(body, expected)


def decode(body: bytes, expected: type[T]) -> T:
    """`body` as the expected type. Raises Problem (400)."""
    try:
        return msgspec.json.decode(body, type=expected)
    except msgspec.ValidationError as error:
        raise _explain(error, body, expected) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _not_json(error) from None


def _bytes(request: Request) -> bytes:
    """The body, of which never more than MAX_BODY and one byte are read, whatever its headers say."""
    body = bytearray()
    if (request.content_length or 0) <= MAX_BODY:
        try:
            while len(body) <= MAX_BODY and (part := request.stream.read(MAX_BODY + 1 - len(body))):
                body += part
        except OSError as error:  # broken chunks, or a client that is gone
            raise Problem(400, f"the body can't be read: {error}") from None
        if len(body) <= MAX_BODY:
            return bytes(body)
    raise Problem(413, f"the body is too long; allowed: {MAX_BODY} bytes", allowed=f"{MAX_BODY} bytes")


def _explain(error: msgspec.ValidationError, body: bytes, expected: Any) -> Problem:
    """The problem at the place that `error` names, in terms of what was sent and what is allowed there."""
    reason, _, path = str(error).partition(" - at `$")
    try:
        value = _as_sent(body)
    except (ValueError, RecursionError) as broken:
        return _not_json(broken)
    detail, sent, allowed = explanations.explain(value, expected, path.removesuffix("`"), reason)
    return Problem(400, detail, sent=sent, allowed=allowed)


def _not_json(error: Exception) -> Problem:
    reason = str(error).removeprefix("JSON is malformed: ")
    return Problem(400, f"the body is not JSON: {reason}", allowed="JSON")


def _as_sent(body: bytes) -> Any:
    """The value of a JSON text, in which numbers that are out of every range are kept as text.

    Raises ValueError if it isn't JSON, or if it names a field twice: which of the two would be meant?
    """

    def number(text: str) -> Any:
        return json.loads(text) if len(text) < 20 and abs(float(text)) < 1e100 else text

    def object_of(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        fields = dict(pairs)
        if len(fields) < len(pairs):
            raise ValueError("a field is there twice")
        return fields

    return json.loads(
        body, parse_int=number, parse_float=number, parse_constant=str, object_pairs_hook=object_of
    )
