"""Request and answer bodies of the API, in addition to those in model.py."""

from __future__ import annotations

import re
from typing import Annotated, Any, TypeVar

import msgspec
from flask import request
from msgspec import Meta

from brownout_panel.model import ApplyStatus, AvailableExperiment, Experiment, Faults, Policy, Text
from brownout_terms.codes import Code

T = TypeVar("T")

Setting = int | float | str | None


class FaultsBody(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A fault set; the backend's document without `revision`. The backend defines the kinds of fault."""

    faults: Annotated[list[dict[str, Any]], Meta(max_length=32)]
    seed: Annotated[int, Meta(ge=0, le=2**53 - 1)] | None = None
    lease_s: Annotated[float, Meta(gt=0, le=86_400)] | None = None


class KillBody(msgspec.Struct, forbid_unknown_fields=True):
    """Whether the last ready replica of its service may be killed as well."""

    even_last: bool = False


class MarkBody(msgspec.Struct, forbid_unknown_fields=True):
    """A phase or a note: exactly one of them."""

    phase: Text | None = None
    note: Text | None = None


class StallBody(msgspec.Struct, forbid_unknown_fields=True):
    """A stall of a process of brownout's own: how long ago it began, and how long it was."""

    process: Text
    ago_s: Annotated[float, Meta(ge=0, le=86_400)]
    seconds: Annotated[float, Meta(ge=0, le=86_400)]


class ExperimentBody(msgspec.Struct, forbid_unknown_fields=True):
    """File of one of the available experiments."""

    file: Annotated[str, Meta(min_length=1, max_length=1_000)]


class ReportBody(msgspec.Struct, forbid_unknown_fields=True):
    """Name of the run's folder; by default the last run of this process."""

    run: Annotated[str, Meta(min_length=1, max_length=200)] | None = None


class ReportAnswer(msgspec.Struct):
    """The run, and the path of its report relative to the panel."""

    run: str
    path: str


class ExperimentsAnswer(msgspec.Struct):
    """The available experiments, and the current or last one."""

    experiments: list[AvailableExperiment]
    current: Experiment | None


class FaultsAnswer(msgspec.Struct):
    """The faults, and whether each backend replica has them."""

    faults: Faults
    injected: dict[int, int]
    """How often each fault set was injected, by its revision; one of which that can't be told is missing."""
    replicas: dict[str, ApplyStatus]
    applied: int
    of: int


class PolicyAnswer(msgspec.Struct):
    """The policy, and whether each client replica has it."""

    policy: Policy | None
    replicas: dict[str, ApplyStatus]
    applied: int
    of: int


class BodyError(Exception):
    """An invalid request: status, code, and a sentence that says what is allowed."""

    def __init__(self, status: int, code: Code, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code


def read(expected: type[T], default: T | None = None) -> T:
    """Return the request's body as the expected type; `default` if it is empty. Raises BodyError."""
    body = request.get_data(cache=False)
    if not body.strip():
        if default is not None:
            return default
        raise BodyError(400, Code.BAD_BODY, "the body is empty; a JSON object is needed")
    if not request.is_json:
        sent = request.content_type or ""
        raise BodyError(415, Code.NOT_JSON, f'the content type is "{sent}"; allowed: application/json')
    try:
        return msgspec.json.decode(body, type=expected)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BodyError(400, Code.BAD_BODY, f"the body is invalid: {error}") from None


def number(name: str, default: int, largest: int, least: int = 0) -> int:
    """Return a whole number from the query string, `least` to `largest`. Raises BodyError."""
    text = request.args.get(name, str(default))
    if not (text.isascii() and text.isdigit() and len(text) < 20 and least <= int(text) <= largest):
        allowed = f"a whole number from {least} to {largest}"
        raise BodyError(400, Code.BAD_PARAMETER, f'{name} is "{text}"; allowed: {allowed}')
    return int(text)


PERCENTILE = r"(100|[0-9]{1,2})(\.[0-9]{1,6})?"
MOST_PERCENTILES = 20


def percentiles() -> dict[str, float]:
    """Return the percentiles in the query string, keyed as written. Raises BodyError."""
    text = request.args.get("percentiles", "50,95,99")
    names = text.split(",")
    wrong = [one for one in names if not re.fullmatch(PERCENTILE, one) or not 0 < float(one) <= 100]
    if wrong or len(names) > MOST_PERCENTILES:
        allowed = f"up to {MOST_PERCENTILES} numbers above 0 and up to 100, such as 50,95,99.9"
        raise BodyError(400, Code.BAD_PARAMETER, f'percentiles is "{text}"; allowed: {allowed}')
    return {name: float(name) for name in names}
