"""The files that `brownout init` writes: brownout.toml, users, an experiment, a workflow for CI."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined

from brownout.errors import UsageError
from brownout.project.convert import toml
from brownout.project.openapi import UserRequest, page
from brownout.project.read import NAME
from brownout.project.rules import NAME as NAMES

WORKFLOW = ".github/workflows/brownout.yml"
FAULT = {"kind": "error", "rate": 0.3, "status": 503}
_PLACE_WORDS = re.compile(r"_?(base_)?(url|uri|host|addr|address|endpoint)$")


class NewDependency(NamedTuple):
    """What the service calls, and the variable in which it looks for it."""

    name: str
    variable: str
    value: str

    @property
    def key(self) -> str:
        """The key of its table."""
        return "url" if re.match(r"(https?|tcp)://", self.value) else "command"


@dataclass(frozen=True)
class ServiceAnswers:
    """What a user says of the service."""

    name: str
    command: str | None = None
    url: str | None = None
    dependencies: Sequence[NewDependency] = ()
    requests: Sequence[UserRequest] = field(default_factory=lambda: [page("/")])
    ready: str | None = None
    breaker: str | None = None
    arrival_rate: float = 50
    locustfile: str | None = None
    """Text of a locustfile that is there already, in place of `requests`."""


def parse_dependency(text: str) -> NewDependency:
    """Read NAME=URL or VARIABLE=URL; a value that is no URL is a command. Raises UsageError."""
    given, equals, value = (part.strip() for part in text.partition("="))
    is_variable = given.isupper()
    name = (_PLACE_WORDS.sub("", given.lower()) if is_variable else given).replace("_", "-").strip("-")
    if not equals or not value or not NAMES.fullmatch(name):
        raise UsageError(
            f'"{text}" is not NAME=URL, such as prices=http://127.0.0.1:9000; with the variable that the '
            "service reads: PRICES_URL=http://127.0.0.1:9000",
            "--dependency",
        )
    variable = given if is_variable else f"{given.upper().replace('-', '_')}_URL"
    return NewDependency(name, variable, value)


def files_of(answers: ServiceAnswers) -> dict[str, str]:
    """Return the text of each file by its path."""
    experiment = f"experiments/{answers.dependencies[0].name}-fail.json" if answers.dependencies else None
    numbers = {"arrival_rate": f"{answers.arrival_rate:g}"}
    fields = {name: getattr(answers, name) for name in answers.__dataclass_fields__}
    values = fields | numbers | {"experiment": experiment}
    made = {
        NAME: _rendered("brownout.toml", values),
        "users.py": answers.locustfile or _rendered("users.py", values),
        WORKFLOW: _rendered("workflow.yml", values),
    }
    return made | ({experiment: _experiment(answers)} if experiment else {})


def _experiment(answers: ServiceAnswers) -> str:
    from brownout.fault_experiment import FaultScenario, experiment_document

    several = len(answers.dependencies) > 1
    match = {"match": {"dependency": answers.dependencies[0].name}} if several else {}
    document = experiment_document(FaultScenario(faults=[{**FAULT, **match}]))
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _rendered(name: str, values: Mapping[str, object]) -> str:
    environment = Environment(  # noqa: S701 - TOML, Python and YAML, no HTML
        loader=PackageLoader("brownout.project"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"toml": toml, "python": json.dumps}
    return environment.get_template(f"{name}.jinja").render(values)


def write(folder: Path, files: Mapping[str, str], *, force: bool) -> list[Path]:
    """Write the files, and return their paths. Raises UsageError, writing none, if one is there."""
    there = [name for name in files if (folder / name).exists()]
    if there and not force:
        raise UsageError(f"{', '.join(there)}: already there, and nothing was written. To replace: --force")
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return [folder / name for name in files]
