"""Faults in words, the same words for every kind and everywhere: "30 % errors 503, 200 ms ± 50 ms latency".

A kind's phrase names its fields in braces: "{rate} errors {status}". What is between square brackets is left
out where one of the fields in it has its default or is null: "{ms}[ ± {jitter_ms}] latency[ on {rate}]".
"""

import functools
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from .descriptions import describe
from .fault import Fault
from .registry import kinds

Description = Mapping[str, Any]
"""The description of a kind, as in the answer to `GET /faults/kinds`."""

_OPTIONAL = re.compile(r"\[([^\]]*)\]")
_FIELD = re.compile(r"\{(\w+)\}")


def described_kinds() -> list[dict[str, Any]]:
    """Return the descriptions of all kinds that this process knows, as `GET /faults/kinds` answers them."""
    return [*_described(kinds())]


@functools.cache
def _described(known: tuple[type[Fault], ...]) -> tuple[dict[str, Any], ...]:
    return tuple(msgspec.to_builtins(describe(kind)) for kind in known)


def write_faults(faults: Iterable[Mapping[str, Any]], known: Sequence[Description] | None = None) -> str:
    """Return a fault set in words; "" for none. `known` are descriptions; None: of this process's kinds."""
    descriptions = described_kinds() if known is None else known
    return ", ".join(write_fault(fault, descriptions) for fault in faults)


def write_fault(fault: Mapping[str, Any], known: Sequence[Description] | None = None) -> str:
    """Return one fault in words. One of an unknown kind is written as its share and kind."""
    descriptions = described_kinds() if known is None else known
    kind = next((one for one in descriptions if one["kind"] == fault.get("kind")), None)
    if kind is None:
        return f"{_value(fault.get('rate', 1), 'share')} {fault.get('kind')}"
    fields = {field["name"]: field for field in kind["fields"]}
    values = {name: fault.get(name, field["default"]) for name, field in fields.items()}

    def optional(found: re.Match[str]) -> str:
        named = _FIELD.findall(found[1])
        is_usual = any(values[name] in (None, fields[name]["default"]) for name in named)
        return "" if is_usual else found[1]

    def value(found: re.Match[str]) -> str:
        return _value(values[found[1]], fields[found[1]]["unit"])

    words = _FIELD.sub(value, _OPTIONAL.sub(optional, kind["phrase"]))
    return words + _match(fault.get("match"))


def _match(match: Any) -> str:
    """The requests that a fault is for, in words after it: " for GET /v1/* to prices"; "" for all."""
    if not isinstance(match, Mapping):
        return ""
    request = " ".join(str(match[name]) for name in ("method", "path") if match.get(name))
    headers = [f"{name}: {value}" for name, value in (match.get("header") or {}).items()]
    parts = {"for": request, "to": match.get("dependency"), "with": " and ".join(headers)}
    return "".join(f" {word} {text}" for word, text in parts.items() if text)


def _value(value: Any, unit: str | None) -> str:
    if value is None:
        return "no"
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    number = round(100 * value, 4) if unit == "share" else value
    return f"{number:.12g}{ {'share': ' %', 'ms': ' ms', 's': ' s'}.get(unit or '', '') }"
