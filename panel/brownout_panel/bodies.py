"""What the API takes, beside what model.py describes."""

from __future__ import annotations

import re
from typing import Annotated, Any, TypeVar

import msgspec
from flask import request
from msgspec import Meta

from brownout_panel.model import AvailableExperiment, Experiment, Faults, Held, Policy, Text
from brownout_terms.codes import Code

T = TypeVar("T")

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


class ExperimentBody(msgspec.Struct, forbid_unknown_fields=True):
    """The file of one of the experiments that there are."""

    file: Annotated[str, Meta(min_length=1, max_length=1_000)]


class ReportBody(msgspec.Struct, forbid_unknown_fields=True):
    """The folder's name of the run; without one the last run of this process."""

    run: Annotated[str, Meta(min_length=1, max_length=200)] | None = None


class ReportAnswer(msgspec.Struct):
    """The run, and where its report is: a path below the panel's own."""

    run: str
    path: str


class ExperimentsAnswer(msgspec.Struct):
    """The experiments that there are, and the one that runs or ran last."""

    experiments: list[AvailableExperiment]
    current: Experiment | None


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
    """An invalid request: status, code, and a sentence that says what is allowed."""

    def __init__(self, status: int, code: Code, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code


def read(expected: type[T], default: T | None = None) -> T:
    """The request's body as the expected type; `default` if there is none. Raises BodyError."""
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
    """A whole number of the query string, `least` to `largest`. Raises BodyError."""
    text = request.args.get(name, str(default))
    if not (text.isascii() and text.isdigit() and len(text) < 20 and least <= int(text) <= largest):
        allowed = f"a whole number from {least} to {largest}"
        raise BodyError(400, Code.BAD_PARAMETER, f'{name} is "{text}"; allowed: {allowed}')
    return int(text)


PERCENTILE = r"(100|[0-9]{1,2})(\.[0-9]{1,6})?"
MOST_PERCENTILES = 20


def percentiles() -> dict[str, float]:
    """The percentiles of the query string, by their own words. Raises BodyError."""
    text = request.args.get("percentiles", "50,95,99")
    names = text.split(",")
    wrong = [one for one in names if not re.fullmatch(PERCENTILE, one) or not 0 < float(one) <= 100]
    if wrong or len(names) > MOST_PERCENTILES:
        allowed = f"up to {MOST_PERCENTILES} numbers above 0 and up to 100, such as 50,95,99.9"
        raise BodyError(400, Code.BAD_PARAMETER, f'percentiles is "{text}"; allowed: {allowed}')
    return {name: float(name) for name in names}
