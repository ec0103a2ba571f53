"""The policy document: what `PUT /policy` takes, and the environment's POLICY.

One rule: the result is the preset that the document names, with the document's other fields laid over it,
section by section. Without `preset`, every field must be given. It never depends on the policy before it, so
that the same document always gives the same policy.
"""

import json
from collections.abc import Iterable
from typing import Annotated, Any

import msgspec
from msgspec import inspect, structs

from .policy import PRESETS, Policy, PolicySection

Revision = Annotated[int, msgspec.Meta(ge=0, le=2**53 - 1)]
"""The writer's own number for a document; up to what every JSON reader keeps exactly."""

LONGEST_EXCERPT = 200
"""Characters of what was sent that an error repeats."""


class PolicyError(ValueError):
    """No policy: the message is for people, `sent` (at most an excerpt) and `allowed` are for programs."""

    def __init__(self, message: str, sent: object, allowed: str) -> None:
        super().__init__(message)
        self.sent = sent
        self.allowed = allowed


def parse(document: bytes) -> tuple[Policy, int | None]:
    """The policy that the JSON `document` describes, and its `revision` if it has one.

    Raises PolicyError.
    """
    try:
        return _parse(msgspec.json.decode(document, type=dict[str, Any]))
    except RecursionError:
        reason = "nested too deeply"
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        reason = str(error).removeprefix("JSON is malformed: ")
    sent = _excerpt(document.decode(errors="replace"))
    raise PolicyError(f"the policy is not a JSON object: {reason}", sent, _allowed(Policy))


def from_setting(text: str) -> Policy:
    """The policy that the environment's POLICY says: a preset's name, or a document.

    Raises PolicyError.
    """
    if text.lstrip().startswith("{"):
        return parse(text.encode())[0]
    if text not in PRESETS:
        allowed = f"{_quoted(PRESETS)}, or a policy document as JSON"
        raise PolicyError(f'"{_excerpt(text)}" is no policy; allowed: {allowed}', _excerpt(text), allowed)
    return PRESETS[text]


def _parse(document: dict[str, Any]) -> tuple[Policy, int | None]:
    fields = dict(document)
    preset, revision = fields.pop("preset", None), fields.pop("revision", None)
    if preset is not None and (not isinstance(preset, str) or preset not in PRESETS):
        raise _not_allowed(
            "preset", preset, f"{_quoted(PRESETS)}; or left out, if every other field is given"
        )
    try:
        revision = msgspec.convert(revision, Revision | None)
    except msgspec.ValidationError:
        raise _not_allowed("revision", revision, _allowed(Revision)) from None
    whole = _overlay({} if preset is None else msgspec.to_builtins(PRESETS[preset]), fields)
    try:
        return msgspec.convert(whole, Policy), revision
    except msgspec.ValidationError as error:
        raise _explained(whole, Policy, error) from None


def _overlay(base: dict[str, Any], fields: dict[str, Any]) -> dict[str, Any]:
    result = dict(base)
    for key, value in fields.items():
        below = base.get(key)
        nested = isinstance(below, dict) and isinstance(value, dict)
        result[key] = _overlay(below or {}, value) if nested else value
    return result


def _explained(
    value: Any, section: type[PolicySection], error: msgspec.ValidationError, path: str = ""
) -> PolicyError:
    """What is wrong with `value`, which msgspec refuses as the `section` at `path` with `error`."""
    name = path or "the policy"
    fields = {field.encode_name: field.type for field in structs.fields(section)}
    if not isinstance(value, dict):
        return _not_allowed(name, value, _allowed(section))
    for unknown in (key for key in value if key not in fields):
        detail = f'{name} has the unknown field "{_excerpt(unknown)}"; allowed: {_quoted(fields)}'
        return PolicyError(detail, _excerpt(unknown), _quoted(fields))
    for missing in (key for key in fields if key not in value):
        allowed = f"a preset, or every field: {_quoted(fields)}"
        return PolicyError(f'{name} has no "{missing}"; allowed: {allowed}', _excerpt(value), allowed)
    for key, kind in fields.items():
        try:
            msgspec.convert(value[key], kind)
        except msgspec.ValidationError as error_below:
            path_below = f"{path}.{key}" if path else key
            if isinstance(kind, type) and issubclass(kind, PolicySection):
                return _explained(value[key], kind, error_below, path_below)
            return _not_allowed(path_below, value[key], _allowed(kind))
    # Each field may be what it is, but not together.
    return PolicyError(f"{name}: {error}", _excerpt(value), _allowed(section))


def _not_allowed(name: str, value: object, allowed: str) -> PolicyError:
    return PolicyError(
        f"{name} is {json.dumps(_excerpt(value))}; allowed: {allowed}", _excerpt(value), allowed
    )


def _excerpt(value: Any) -> Any:
    text = value if isinstance(value, str) else json.dumps(value)
    return value if len(text) <= LONGEST_EXCERPT else f"{text[:LONGEST_EXCERPT]}…"


def _allowed(kind: Any) -> str:
    info = inspect.type_info(kind)
    match info.type if isinstance(info, inspect.Metadata) else info:
        case inspect.IntType(ge=least, le=most):
            return f"a whole number from {least} to {most}"
        case inspect.FloatType(ge=least, le=most):
            return f"a number from {least} to {most}"
        case inspect.LiteralType(values=values):
            return _quoted(sorted(map(str, values)))
        case inspect.StructType(fields=fields):
            return f"an object with the fields {_quoted(field.encode_name for field in fields)}"
        case _:
            return "true or false"


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)
