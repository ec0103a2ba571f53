"""What is allowed in a document, and what is wrong with one, in words made from the types themselves."""

import re
from typing import Any

import msgspec
from msgspec import inspect

LONGEST_EXCERPT = 200
"""Characters of what was sent that an error repeats."""

_STEP = re.compile(r"\.(\w+)|\[(\d+)\]")


def allowed_values(expected: Any) -> str:
    """What is allowed for the type `expected`."""
    return _allowed(inspect.type_info(expected))


def _plain(kind: Any) -> Any:
    """The type itself, without what describes it."""
    return kind.type if isinstance(kind, inspect.Metadata) else kind


def explain(value: Any, expected: Any, path: str, reason: str) -> tuple[str, Any, str]:
    """What is wrong, what was sent (at most an excerpt), what is allowed.

    `path` is msgspec's, like `.faults[0].rate`, and leads from `value` to what is wrong. `reason` is for what
    the types don't say: a rule between two fields.
    """
    kind: Any = inspect.type_info(expected)
    for key, index in _STEP.findall(path):
        kind, value = _member(kind, value, key) if key else (_plain(kind).item_type, value[int(index)])
    name = path.removeprefix(".") or "the body"
    if not isinstance(value, dict) or not _structs(kind):
        return f"{name} is {_json(value)}; allowed: {_allowed(kind)}", excerpt(value), _allowed(kind)
    fields, required = _fields(kind, value)
    allowed = _quoted(fields)
    for unknown in value.keys() - fields:
        return f'{name} has the unknown field "{unknown}"; allowed: {allowed}', excerpt(unknown), allowed
    for missing in required - value.keys():
        return f'{name} has no "{missing}"; allowed: {_allowed(kind)}', excerpt(value), _allowed(kind)
    return f"{name}: {reason}", excerpt(value), _allowed(kind)


def excerpt(value: Any) -> Any:
    """`value`, or the beginning of its text or JSON if that is long."""
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return value if len(text) <= LONGEST_EXCERPT else text[:LONGEST_EXCERPT] + "…"


def _json(value: Any) -> str:
    shown = excerpt(value)
    return shown if isinstance(shown, str) and shown != value else msgspec.json.encode(value).decode()


def _structs(kind: Any) -> list[inspect.StructType]:
    """The objects that are allowed here; several differ in their tag."""
    kind = _plain(kind)
    members = kind.types if isinstance(kind, inspect.UnionType) else (kind,)
    return [member for member in members if isinstance(member, inspect.StructType)]


def _member(kind: Any, value: dict[str, Any], key: str) -> tuple[Any, Any]:
    """The type and the value of one field of an object."""
    structs = _structs(kind)
    if key == structs[0].tag_field:
        return inspect.LiteralType(tuple(str(struct.tag) for struct in structs)), value[key]
    struct = _chosen(structs, value)
    return next(field.type for field in struct.fields if field.encode_name == key), value[key]


def _chosen(structs: list[inspect.StructType], value: dict[str, Any]) -> inspect.StructType:
    tag = value.get(structs[0].tag_field or "")
    return next((struct for struct in structs if struct.tag == tag), structs[0])


def _fields(kind: Any, value: dict[str, Any]) -> tuple[set[str], set[str]]:
    """Names of the fields that an object like `value` may have, and of those that it must have."""
    structs = _structs(kind)
    tag_field = structs[0].tag_field
    if tag_field and tag_field not in value:
        return {tag_field, *value}, {tag_field}
    struct = _chosen(structs, value)
    tag = {tag_field} if tag_field else set()
    return (
        tag | {field.encode_name for field in struct.fields},
        tag | {field.encode_name for field in struct.fields if field.required},
    )


def _allowed(kind: Any) -> str:
    match kind := _plain(kind):
        case inspect.UnionType():
            structs = _structs(kind)
            if structs and structs[0].tag_field:
                tags = _quoted({str(struct.tag) for struct in structs})
                return f'an object whose "{structs[0].tag_field}" is one of {tags}'
            return " or ".join(_allowed(member) for member in kind.types)
        case inspect.IntType():
            return f"a whole number{_bounds(kind)}"
        case inspect.FloatType():
            return f"a number{_bounds(kind)}"
        case inspect.BoolType():
            return "true or false"
        case inspect.StrType():
            return "a text" if kind.min_length is None else f"a text of {kind.min_length} or more characters"
        case inspect.DictType():
            return f"an object whose keys and values are each {_allowed(kind.value_type)}"
        case inspect.LiteralType():
            return _quoted(set(kind.values))
        case inspect.VarTupleType():
            return f"a list of at most {kind.max_length}, each {_allowed(kind.item_type)}"
        case inspect.StructType():
            return f"an object with the fields {_quoted({field.encode_name for field in kind.fields})}"
        case _:  # NoneType
            return "null"


def _bounds(kind: inspect.IntType | inspect.FloatType) -> str:
    low = f"above {kind.gt}" if kind.gt is not None else f"from {kind.ge}"
    if kind.le is None:
        return "" if kind.gt is None and kind.ge is None else f" {low}"
    return f" {low} {'and up ' if kind.gt is not None else ''}to {kind.le}"


def _quoted(names: set[Any]) -> str:
    return ", ".join(f'"{name}"' for name in sorted(names))
