"""A fault as it is typed: `error=30%,status=503`, `latency=200ms,jitter=50ms`, `reset=5%`. Pure.

The kinds, their fields and units come from the descriptions that each kind gives of itself. What is not typed
has the value that a form starts with, as on the panel's page.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

import msgspec

from brownout_faults import described_kinds, explanations, registry
from brownout_terms.durations import DurationError, parse_duration, write_duration
from brownout_terms.shares import ShareError, parse_share, write_share

EXAMPLE = "error=30%,status=503"

MATCHES = {"on": "dependency", "path": "path", "method": "method", "header": "header"}
"""What can be typed of the requests that a fault is for, and its name in `match`: `on=prices,path=/v1/*`. A
field of the kind's own goes before."""

Description = Mapping[str, Any]
"""The description of a kind, as in the answer to `GET /faults/kinds`."""


class FaultTextError(ValueError):
    """It is no fault; the message says what is allowed."""


def parse_fault(text: str, known: Sequence[Description] | None = None) -> dict[str, Any]:
    """Return the document of a typed fault. Raises FaultTextError.

    `known` are the kinds that can be typed; None: those of this process.
    """
    kinds = {kind["kind"]: kind for kind in (described_kinds() if known is None else known)}
    first, *rest = [part.strip() for part in text.split(",")]
    name, _, value = first.partition("=")
    if name not in kinds:
        raise FaultTextError(
            f'"{name}" is no kind of fault; allowed: {", ".join(sorted(kinds))}, as in {EXAMPLE}'
        )
    kind = kinds[name]
    main = kind["main_field"]
    options = {field["option"]: field for field in kind["fields"]}
    given = [(option, value) for option, field in options.items() if field["name"] == main and value]
    document: dict[str, Any] = {"kind": name}
    for option, typed in [*given, *map(_pair, rest)]:
        field = options.get(option)
        if field is None and option in MATCHES:
            _match(document, option, typed)
            continue
        if field is None:
            allowed = ", ".join([*sorted(options), *MATCHES])
            raise FaultTextError(f'"{option}" is no field of {name}; allowed: {allowed}')
        if field["name"] in document:
            raise FaultTextError(f'"{text}" says {option} twice')
        document[field["name"]] = _value(field, typed)
    if main != "rate" and not document.get(main):
        example = write_fault_text(kind["example"], kind).partition(",")[0]
        raise FaultTextError(f'"{text}" has no {main}, or 0; allowed: a value after {name}=, as in {example}')
    for field in kind["fields"]:
        if field["suggested"] != field["default"] and (
            not field["only_with"] or document.get(field["only_with"])
        ):
            document.setdefault(field["name"], field["suggested"])
    return _checked(document)


def write_fault_text(document: Mapping[str, Any], kind: Description) -> str:
    """Return a fault of this kind as it can be typed."""
    main = kind["main_field"]
    typed = {
        field["name"]: (field["option"], _typed(field, document.get(field["name"])))
        for field in kind["fields"]
    }
    first = f"{kind['kind']}={typed[main][1]}" if document.get(main) is not None else kind["kind"]
    rest = [f"{option}={text}" for name, (option, text) in typed.items() if name in document and name != main]
    match = document.get("match") or {}
    asked = [
        f"{option}={match[name]}" for option, name in MATCHES.items() if match.get(name) and name != "header"
    ]
    headers = [f"header={name}:{value}" for name, value in (match.get("header") or {}).items()]
    return ",".join([first, *rest, *asked, *headers])


def _match(document: dict[str, Any], option: str, typed: str) -> None:
    """Add what was typed of the requests that the fault is for."""
    match, name = document.setdefault("match", {}), MATCHES[option]
    if name == "header":
        header, colon, value = typed.partition(":")
        if not (header.strip() and colon and value.strip()):
            raise FaultTextError(f'header is "{typed}"; allowed: NAME:VALUE, as in header=X-Tenant:a*')
        match.setdefault(name, {})[header.strip()] = value.strip()
    elif name in match:
        raise FaultTextError(f"a fault says {option} twice; allowed: once, with * for any characters")
    else:
        match[name] = typed


def _pair(part: str) -> tuple[str, str]:
    option, equals, value = part.partition("=")
    if not (option and equals and value):
        raise FaultTextError(f'"{part}" is no FIELD=VALUE, as in {EXAMPLE}')
    return option, value


def _value(field: Description, typed: str) -> Any:
    """Return what was typed for a field: a share, a duration in the field's unit, a number or a word."""
    if field["nullable"] and typed == "none":
        return None
    try:
        match field["unit"]:
            case "share":
                return parse_share(typed)
            case "ms":
                return _whole(1000 * parse_duration(typed, "ms"))
            case "s":
                return _whole(parse_duration(typed))
    except (ShareError, DurationError) as error:
        raise FaultTextError(f"{field['option']}: {error}") from None
    if field["type"] == "boolean":
        return {"true": True, "false": False}.get(typed, typed)
    if field["type"] in ("integer", "number"):
        with suppress(ValueError):
            if math.isfinite(number := float(typed)):
                return _whole(number)
    return typed


def _typed(field: Description, value: Any) -> str:
    """Return a field's value as it can be typed."""
    match value, field["unit"]:
        case None, _:
            return "none"
        case bool(), _:
            return str(value).lower()
        case int() | float(), "share":
            return write_share(value).replace(" ", "")
        case int() | float(), "ms":
            return write_duration(value / 1000)
        case int() | float(), "s":
            return write_duration(value)
    return str(value)


def _whole(number: float) -> float | int:
    """Return a whole number as one: a fault takes no fractions of a millisecond."""
    rounded = round(number, 6)
    return int(rounded) if rounded.is_integer() else rounded


def _checked(document: dict[str, Any]) -> dict[str, Any]:
    """Return the document, held to the rules of its kind if this process has it; else its service does."""
    kind = next((kind for kind in registry.kinds() if kind.kind() == document["kind"]), None)
    if kind is None:
        return document
    try:
        msgspec.convert(document, kind)
    except msgspec.ValidationError as error:
        reason, _, path = str(error).partition(" - at `$")
        sentence = explanations.explain(document, kind, path.rstrip("`"), reason)[0]
        raise FaultTextError(sentence.replace("the body", document["kind"])) from None
    return document
