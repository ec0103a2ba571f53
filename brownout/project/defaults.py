"""The file's keys as defaults of the commands' options. Pure, but for whether a path is there."""

from __future__ import annotations

from typing import Any

from brownout.errors import UsageError
from brownout.project.fleet import kind_of
from brownout.project.read import ProjectSettings


def option_defaults(project: ProjectSettings) -> dict[str, Any]:
    """Return the values of options that the file sets, by the options' Python names."""
    file = project.file
    found: dict[str, Any] = dict(file.fleet)
    if kind := kind_of(project):
        found["kind"] = kind
    if service := file.service:
        found |= {
            "target": service.url,
            "breakers": [service.breaker] if service.url and service.breaker else None,
            "client_selector": service.kubernetes,
            "compose_file": _path(project, service.compose),
            "client_port": service.port,
            "label": project.name,
        }
    load, run = file.load, file.run
    found |= {
        "locustfile": _path(project, load.locustfile),
        "users": load.users,
        "spawn_rate": load.spawn_rate,
        "arrival_rate": load.arrival_rate,
        "shape": load.shape,
        "run_time": load.run_time,
        "outcomes": outcomes_of(project) or None,
        "aborts": load.aborts or None,
        "experiment": _path(project, run.experiment),
        "thresholds": run.thresholds or None,
        "out": run.out,
    }
    if run.label:
        found["label"] = run.label
    return {name: value for name, value in found.items() if value is not None}


def outcomes_of(project: ProjectSettings) -> list[str]:
    """Return the rules of [outcomes] as values of --outcome. Raises UsageError."""
    from brownout_loadtest.outcome_rules import OutcomeRuleError, rules_of

    found = []
    for outcome, told in project.file.outcomes.items():
        try:
            found += [rule.option for rule in rules_of({outcome: told})]
        except OutcomeRuleError as error:
            raise UsageError(f"{project.place('outcomes', outcome)}: {error}") from None
    return found


def _path(project: ProjectSettings, name: str | None) -> str | None:
    """Return the path, which begins at the file's folder; a name that is no file there stays as it is."""
    if name is None:
        return None
    path = project.folder / name
    return str(path) if path.exists() else name
