"""Experiment files: those that come with brownout, those of the user's, and what they contain."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from brownout_terms.places import beside

FOLDER = beside(__file__, "experiments")
"""The experiments that come with brownout."""

MORE_VARIABLE = "BROWNOUT_EXPERIMENTS"
"""Names files of the user's, separated like the folders of PATH."""


class ExperimentError(ValueError):
    """An experiment can't be run; the message says where, why, and what to do."""


def path_of(name: str) -> Path:
    """The file of this path, or of this name among those that come with brownout. Raises ExperimentError."""
    if Path(name).is_file():
        return Path(name)
    ours = FOLDER / f"{name}.json"
    if ours.is_file() and ours.parent == FOLDER:
        return ours
    known = ", ".join(path.stem for path in _ours())
    raise ExperimentError(f'"{name}" is no file, and no experiment that comes with brownout: {known}')


def read(path: Path) -> dict[str, Any]:
    """The experiment of a JSON or YAML file. Raises ExperimentError."""
    try:
        text = path.read_text(encoding="utf-8")
        if path.suffix in (".yaml", ".yml"):
            return _object(path, _yaml(path, text))
        return _object(path, json.loads(text))
    except json.JSONDecodeError as error:
        raise ExperimentError(f"{path}:{error.lineno}:{error.colno}: not JSON: {error.msg}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ExperimentError(f"{path}: can't be read: {error}") from None


def listed(environ: Mapping[str, str]) -> list[dict[str, Any]]:
    """`file`, `title` and `phases` of each experiment that can be started."""
    more = [Path(name) for name in environ.get(MORE_VARIABLE, "").split(os.pathsep) if name]
    named = [(path.stem, path) for path in _ours()] + [(str(path), path) for path in more]
    return [{"file": name, **_described(path)} for name, path in named]


def phases(experiment: Mapping[str, Any]) -> list[str]:
    """The phases that the method marks."""
    providers = [activity.get("provider", {}) for activity in experiment.get("method", [])]
    return [
        str(provider.get("arguments", {}).get("phase"))
        for provider in providers
        if (provider.get("module"), provider.get("func")) == ("brownout.actions", "mark_phase")
    ]


def _ours() -> list[Path]:
    return sorted(FOLDER.glob("*.json"))


def _described(path: Path) -> dict[str, Any]:
    try:
        experiment = read(path)
        return {"title": str(experiment.get("title", path.stem)), "phases": phases(experiment)}
    except (ExperimentError, AttributeError):
        return {"title": path.stem, "phases": []}


def _yaml(path: Path, text: str) -> Any:
    import yaml  # Chaos Toolkit's own

    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ExperimentError(f"{path}: not YAML: {' '.join(str(error).split())}") from None


def _object(path: Path, document: Any) -> dict[str, Any]:
    if not isinstance(document, dict):
        raise ExperimentError(f"{path}: an experiment is an object with a title, a method, and so on")
    return document
