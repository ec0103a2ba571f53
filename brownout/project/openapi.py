"""Requests of an OpenAPI document, version 2 or 3, that a load can make and that change nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode, urlsplit

import yaml

from brownout.errors import UsageError

SAMPLES: Mapping[str, object] = {"integer": 1, "number": 1, "boolean": "true", "string": "a"}
"""Values of parameters for which the document has no example."""
OPTION = "--openapi"


class UserRequest(NamedTuple):
    """A GET request of the users."""

    path: str
    """With values for its parameters."""
    name: str
    """What Locust counts it as: the path without values."""
    function: str
    title: str


def read_openapi(path: Path) -> list[UserRequest]:
    """Return the GET requests of a document in JSON or YAML. Raises UsageError."""
    try:
        document = yaml.safe_load(path.read_text("utf-8"))  # JSON is YAML as well
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise UsageError(f'"{path}" can\'t be read: {error}', OPTION) from None
    if not isinstance(document, Mapping) or not isinstance(document.get("paths"), Mapping):
        raise UsageError(f'"{path}" is not an OpenAPI document: it has no "paths"', OPTION)
    found = named(list(_requests(document)))
    if not found:
        raise UsageError(f'"{path}" has no GET request, and a load makes no others by itself', OPTION)
    return found


def page(path: str) -> UserRequest:
    """Return the request of one path."""
    return UserRequest(path, path, function_of(path), f"Asks for {path}")


def function_of(path: str) -> str:
    """Return a name for the function that asks for a path."""
    return "get_" + (
        re.sub(r"\W+", "_", path.partition("?")[0], flags=re.ASCII).strip("_").lower() or "start"
    )


def named(requests: list[UserRequest]) -> list[UserRequest]:
    """Return the requests with a function's name each that no other has."""
    seen: dict[str, int] = {}
    found = []
    for one in requests:
        seen[one.function] = number = seen.get(one.function, 0) + 1
        found.append(one if number == 1 else one._replace(function=f"{one.function}_{number}"))
    return found


def _requests(document: Mapping[str, Any]) -> Iterator[UserRequest]:
    base = _base(document)
    for path, item in document["paths"].items():
        operation = item.get("get") if isinstance(item, Mapping) else None
        if not isinstance(operation, Mapping):
            continue
        parameters = [*item.get("parameters", []), *operation.get("parameters", [])]
        known = [_resolved(one, document) for one in parameters]
        filled, query = path, {}
        for one in known:
            if one.get("in") == "path":
                filled = filled.replace(f"{{{one['name']}}}", quote(str(_value(one)), safe=""))
            elif one.get("in") == "query" and one.get("required"):
                query[one["name"]] = _value(one)
        shown = f"{base}{path}"
        full = f"{base}{filled}" + (f"?{urlencode(query)}" if query else "")
        summary = " ".join(str(operation.get("summary") or f"Asks for {shown}").split()).rstrip(".")
        yield UserRequest(full, shown, function_of(shown), summary.replace('"', "'").replace("\\", "/"))


def _base(document: Mapping[str, Any]) -> str:
    """Return the path before all others: of the first server, or the base path of version 2."""
    servers = document.get("servers") or [{}]
    return urlsplit(str(servers[0].get("url", document.get("basePath", "")))).path.rstrip("/")


def _resolved(parameter: Mapping[str, Any], document: Mapping[str, Any]) -> Mapping[str, Any]:
    """Follow a reference within the document."""
    reference = parameter.get("$ref")
    if not reference:
        return parameter
    found: Any = document
    for part in str(reference).removeprefix("#/").split("/"):
        found = found.get(part, {}) if isinstance(found, Mapping) else {}
    return found if isinstance(found, Mapping) else {}


def _value(parameter: Mapping[str, Any]) -> object:
    """Return an example of a parameter: the document's own, else one of its type."""
    schema = parameter.get("schema") or parameter
    examples = [one.get("value") for one in (parameter.get("examples") or {}).values()]
    choices = [parameter.get("example"), *examples, schema.get("example"), schema.get("default")]
    choices += (schema.get("enum") or [])[:1]
    return next((one for one in choices if one is not None), SAMPLES.get(schema.get("type", "string"), "a"))
