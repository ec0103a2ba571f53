"""What the API takes, beside what model.py describes."""

from __future__ import annotations

from typing import Annotated, Any, TypeVar

import msgspec
from flask import request
from msgspec import Meta

from panel.model import Faults, Held, Policy

T = TypeVar("T")

Text = Annotated[str, Meta(min_length=1, max_length=200)]
Setting = int | float | str | None


class FaultsBody(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A fault set; the backend's document without `revision`. What faults there are, the backend says."""

    faults: Annotated[list[dict[str, Any]], Meta(max_length=32)]
    seed: Annotated[int, Meta(ge=0, le=2**53 - 1)] | None = None
    lease_s: Annotated[float, Meta(gt=0, le=86_400)] | None = None


class KillBody(msgspec.Struct, forbid_unknown_fields=True):
    """Whether the last ready replica of its service may be killed as well."""

    even_last: bool = False


class MarkBody(msgspec.Struct, forbid_unknown_fields=True):
    """One of the two."""

    phase: Text | None = None
    note: Text | None = None


class FaultsAnswer(msgspec.Struct):
    """The faults, and how each backend replica stands to them."""

    faults: Faults
    replicas: dict[str, Held]
    applied: int
    of: int


class PolicyAnswer(msgspec.Struct):
    """The policy, and how each client replica stands to it."""

    policy: Policy | None
    replicas: dict[str, Held]
    applied: int
    of: int


class BodyError(Exception):
    """A request that can't be meant: status and sentence."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status


def read(expected: type[T], default: T | None = None) -> T:
    """The request's body as the expected type; `default` if there is none. Raises BodyError."""
    body = request.get_data(cache=False)
    if not body.strip():
        if default is not None:
            return default
        raise BodyError(400, "the body is empty; a JSON object is needed")
    if not request.is_json:
        sent = request.content_type or ""
        raise BodyError(415, f'the content type is "{sent}"; allowed: application/json')
    try:
        return msgspec.json.decode(body, type=expected)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BodyError(400, f"the body can't be read: {error}") from None


def number(name: str, default: int, largest: int) -> int:
    """A whole number of the query string, 0 to `largest`. Raises BodyError."""
    text = request.args.get(name, str(default))
    if not (text.isascii() and text.isdigit() and len(text) < 20 and int(text) <= largest):
        raise BodyError(400, f'{name} is "{text}"; allowed: a whole number from 0 to {largest}')
    return int(text)
