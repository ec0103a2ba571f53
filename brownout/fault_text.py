"""A fault as it is typed: `error=30%,status=503`, `latency=200ms,jitter=50ms`, `reset=5%`. Pure.

The kinds, their fields and limits are the backend's own, so that a new kind can be typed at once.
"""

from __future__ import annotations

import math
import re
from contextlib import suppress
from typing import Any

import msgspec

from brownout_faults import wording
from brownout_faults.fault import Fault
from brownout_faults.kinds import KINDS, AnyFault

BY_NAME: dict[str, type[Fault]] = {kind.kind(): kind for kind in KINDS}

UNITS_S = {"ms": 0.001, "s": 1.0, "m": 60.0}

EXAMPLE = "error=30%,status=503"


class FaultTextError(ValueError):
    """It is no fault; the message says what is allowed."""


def parse(text: str) -> dict[str, Any]:
    """The backend's document of a typed fault. Raises FaultTextError."""
    first, *rest = [part.strip() for part in text.split(",")]
    name, _, value = first.partition("=")
    if name not in BY_NAME:
        raise FaultTextError(
            f'"{name}" is no kind of fault; allowed: {", ".join(sorted(BY_NAME))}, as in {EXAMPLE}'
        )
    fields = fields_of(name)
    given = [(main_field(name), value)] if value else []
    document: dict[str, Any] = {"kind": name}
    for field, typed in [*given, *map(_pair, rest)]:
        full = fields.get(field)
        if full is None:
            raise FaultTextError(f'"{field}" is no field of {name}; allowed: {", ".join(sorted(fields))}')
        if full in document:
            raise FaultTextError(f'"{text}" says {field} twice')
        document[full] = _value(full, typed)
    if name == "latency" and not document.get("ms"):
        raise FaultTextError(f'"{text}" does not say how long; allowed: a time, as in latency=200ms')
    if "jitter_ms" in document:
        document.setdefault("distribution", "normal")
    return _checked(document)


def fields_of(kind: str) -> dict[str, str]:
    """The fields of a kind: as they are typed, without their units, and in the document."""
    names = [field.encode_name for field in msgspec.structs.fields(BY_NAME[kind])]
    return {name if name == "ms" else re.sub("_(ms|s)$", "", name): name for name in names}


def main_field(kind: str) -> str:
    """What the value after the kind's name is: how long for latency, else the share of requests."""
    return "ms" if kind == "latency" else "rate"


def in_words(fault: dict[str, Any]) -> str:
    """For titles: 30 % errors (503)."""
    share = f"{100 * fault.get('rate', 1.0):g} %"
    if fault["kind"] == "latency":
        spread = f" ± {fault['jitter_ms']} ms" if fault.get("jitter_ms") else ""
        of = "" if fault.get("rate", 1.0) == 1 else f" on {share}"
        return f"{fault.get('ms', 0)} ms{spread} of latency{of}"
    status = f" ({fault['status']})" if "status" in fault else ""
    return f"{share} {fault['kind']}{status}"


def _pair(part: str) -> tuple[str, str]:
    field, equals, value = part.partition("=")
    if not (field and equals and value):
        raise FaultTextError(f'"{part}" is no FIELD=VALUE, as in {EXAMPLE}')
    return field, value


def _value(field: str, typed: str) -> Any:
    """A share, a time in the field's unit, a number or a word."""
    if field == "rate":
        return _number(typed.removesuffix("%"), field, typed) / (100 if typed.endswith("%") else 1)
    if field.endswith("ms"):
        return _whole(1000 * _seconds(typed, "ms"))
    if field.endswith("_s"):
        return _whole(_seconds(typed, "s"))
    return int(typed) if re.fullmatch(r"-?\d+", typed) else typed


def _seconds(typed: str, unit: str) -> float:
    parts = re.fullmatch(r"(-?[\d.]+)\s*(ms|s|m)?", typed)
    if not parts:
        raise FaultTextError(f'"{typed}" is not a time; allowed: 200ms, 1.5s, 2m, or a number of {unit}')
    return _number(parts[1], "a time", typed) * UNITS_S[parts[2] or unit]


def _number(digits: str, what: str, typed: str) -> float:
    with suppress(ValueError):
        if math.isfinite(number := float(digits)):
            return number
    raise FaultTextError(f'{what} is "{typed}"; allowed: a number, as in 30% or 0.3')


def _whole(number: float) -> float | int:
    """A whole number as one: the backend takes no fractions of a millisecond."""
    rounded = round(number, 6)
    return int(rounded) if rounded.is_integer() else rounded


def _checked(document: dict[str, Any]) -> dict[str, Any]:
    try:
        msgspec.convert(document, AnyFault)
    except msgspec.ValidationError as error:
        reason, _, path = str(error).partition(" - at `$")
        words = wording.explain(document, AnyFault, path.rstrip("`"), reason)[0]
        raise FaultTextError(words.replace("the body", document["kind"])) from None
    return document
