"""The JSON Schema of faults, made from the descriptions of their kinds: for OpenAPI, forms and editors."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from .match import Match

TYPES = {"number": "number", "integer": "integer", "boolean": "boolean", "text": "string", "choice": "string"}


MATCH = msgspec.json.schema(Match)["$defs"]["Match"]
"""The schema of a fault's `match`."""


def fault_schema(kinds: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the schema of one fault. `kinds` are descriptions, as in the answer to `GET /faults/kinds`."""
    return {"oneOf": [_kind_schema(kind) for kind in kinds]}


def _kind_schema(kind: Mapping[str, Any]) -> dict[str, Any]:
    fields = {field["name"]: _field_schema(field) for field in kind["fields"]}
    return {
        "type": "object",
        "title": kind["kind"],
        "description": kind["help"],
        "properties": {"kind": {"const": kind["kind"]}, **fields, "match": MATCH},
        "required": ["kind"],
        "additionalProperties": False,
        "examples": [kind["example"]],
    }


def _field_schema(field: Mapping[str, Any]) -> dict[str, Any]:
    low = "exclusiveMinimum" if field["min_excluded"] else "minimum"
    limits = {low: field["min"], "maximum": field["max"], "enum": field["choices"] or None}
    value = {
        "type": TYPES[field["type"]],
        **{name: limit for name, limit in limits.items() if limit is not None},
    }
    allowed = {"anyOf": [value, {"type": "null"}]} if field["nullable"] else value
    return {"description": field["help"], "default": field["default"], **allowed}
