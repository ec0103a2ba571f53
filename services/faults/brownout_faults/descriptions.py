"""Kinds of fault described as data, from which forms, options, documentation and sentences are made."""

import re
from typing import Any, Literal

import msgspec
from msgspec import inspect

from .fault import Fault, Unit

OPTION = re.compile(r"_(?:ms|s)$")
"""The end of a field's name that is left out where its value is typed with a unit: `retry_after=2s`."""


class FieldDescription(msgspec.Struct, frozen=True):
    """One field of a kind of fault."""

    name: str
    """Name in a document."""
    option: str
    """Name on a command line, where the value carries its unit."""
    label: str
    help: str
    type: Literal["number", "integer", "boolean", "text", "choice"]
    unit: Unit | None
    min: float | None
    max: float | None
    min_excluded: bool
    """True: the value must be above `min`."""
    nullable: bool
    """True: may be null, which means "none"."""
    choices: list[str]
    default: Any
    """What is meant by a document without the field."""
    suggested: Any
    """What a form starts with."""
    usual_max: float | None
    """Where a slider ends."""
    only_with: str | None
    """Another field; unless that one is set, to something else than 0 or null, this one has no effect."""


class KindDescription(msgspec.Struct, frozen=True):
    """One kind of fault."""

    kind: str
    label: str
    help: str
    phrase: str
    """See `writing.py`."""
    main_field: str
    form: Literal["slider", "more", "none"]
    example: dict[str, Any]
    """A fault of this kind, as in a document."""
    fields: list[FieldDescription]


def describe(kind: type[Fault]) -> KindDescription:
    """Return the description of one kind. Raises ValueError, naming what of the kind is wrong."""
    name, label = kind.kind(), kind.label or kind.kind()
    info: Any = inspect.type_info(kind)
    fields = sorted(
        (_field(name, field) for field in info.fields if field.name != "match"),
        key=lambda field: field.name != "rate",
    )
    phrase = kind.phrase or f"{{rate}} {label}"
    known = {field.name for field in fields}
    needed = {
        kind.main_field,
        *re.findall(r"\{(\w+)\}", phrase),
        *(f.only_with for f in fields if f.only_with),
    }
    if unknown := needed - known:
        raise ValueError(f'the kind of fault "{name}" has no field "{min(unknown)}"')
    example = {"kind": name, **kind.example}
    try:
        msgspec.convert(example, kind)
    except msgspec.ValidationError as error:
        raise ValueError(f'the example of the kind of fault "{name}" is wrong: {error}') from None
    help_text = (kind.__doc__ or "").strip().partition("\n")[0]
    return KindDescription(name, label, help_text, phrase, kind.main_field, kind.form, example, fields)


def _field(kind: str, field: inspect.Field) -> FieldDescription:
    if field.default is msgspec.NODEFAULT:
        raise ValueError(f'the field "{field.name}" of the kind of fault "{kind}" needs a default')
    members = field.type.types if isinstance(field.type, inspect.UnionType) else (field.type,)
    values = [member for member in members if not isinstance(member, inspect.NoneType)]
    about = values[0] if isinstance(values[0], inspect.Metadata) else inspect.Metadata(values[0])
    value: Any = about.type
    texts, extra = about.extra_json_schema or {}, about.extra or {}
    type_name = _type_name(value)
    if type_name is None or len(values) > 1:
        raise ValueError(
            f'the field "{field.name}" of the kind of fault "{kind}" can\'t be described; allowed: a number, '
            "a whole number, a text, a truth value or a Literal of texts, or one of these and None"
        )
    suggested = extra.get("suggested")
    return FieldDescription(
        name=field.encode_name,
        option=OPTION.sub("", field.encode_name),
        label=texts.get("title", field.encode_name),
        help=texts.get("description", ""),
        type=type_name,
        unit=extra.get("unit"),
        min=getattr(value, "ge", None) if getattr(value, "gt", None) is None else value.gt,
        max=getattr(value, "le", None),
        min_excluded=getattr(value, "gt", None) is not None,
        nullable=len(members) > 1,
        choices=[str(choice) for choice in value.values] if isinstance(value, inspect.LiteralType) else [],
        default=field.default,
        suggested=field.default if suggested is None else suggested,
        usual_max=extra.get("usual_max"),
        only_with=extra.get("only_with"),
    )


def _type_name(value: Any) -> Literal["number", "integer", "boolean", "text", "choice"] | None:
    match value:
        case inspect.FloatType():
            return "number"
        case inspect.IntType():
            return "integer"
        case inspect.BoolType():
            return "boolean"
        case inspect.StrType():
            return "text"
        case inspect.LiteralType(values) if all(isinstance(choice, str) for choice in values):
            return "choice"
    return None
