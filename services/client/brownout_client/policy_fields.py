"""The settings of a policy described as data, from which a form is made."""

from collections.abc import Iterator
from typing import Any, Literal

from msgspec import Struct, inspect

from .policy import Policy


class FieldDescription(Struct, frozen=True):
    """One setting, as `GET /policy` describes it."""

    path: str
    """Where it is in the document, such as "retry.budget.ratio"."""
    label: str
    type: Literal["number", "integer", "boolean", "choice"]
    unit: Literal["s"] | None
    min: float | None
    max: float | None
    choices: list[str]


def describe(section: type[Struct] = Policy, path: str = "") -> Iterator[FieldDescription]:
    """Describe every setting, in the order of the document."""
    info: Any = inspect.type_info(section)
    for field in info.fields:
        about = field.type if isinstance(field.type, inspect.Metadata) else inspect.Metadata(field.type)
        value: Any = about.type
        name = f"{path}{field.encode_name}"
        if isinstance(value, inspect.StructType):
            yield from describe(value.cls, f"{name}.")
            continue
        yield FieldDescription(
            path=name,
            label=(about.extra_json_schema or {}).get("title", field.encode_name),
            type=_type_name(value),
            unit="s" if name.endswith("_s") else None,
            min=getattr(value, "ge", None),
            max=getattr(value, "le", None),
            choices=[str(choice) for choice in getattr(value, "values", ())],
        )


def _type_name(value: Any) -> Literal["number", "integer", "boolean", "choice"]:
    match value:
        case inspect.IntType():
            return "integer"
        case inspect.BoolType():
            return "boolean"
        case inspect.LiteralType():
            return "choice"
        case _:
            return "number"


FIELDS = tuple(describe())
