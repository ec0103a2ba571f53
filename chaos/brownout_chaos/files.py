"""Experiment files: those that come with brownout and the user's own."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from brownout_chaos import old_names
from brownout_terms.places import beside
from brownout_terms.variables import CHECKED_EXPERIMENT, EXPERIMENTS

FOLDER = beside(__file__, "experiments")
"""The folder of the experiments that come with brownout."""


HANDED_OVER = "checked-experiment.json"
"""Name of the file by which a checked experiment goes from one process to the one that runs it."""


class InvalidExperimentError(ValueError):
    """An experiment can't be run; the message says where, why, and what to do."""


@dataclass(frozen=True)
class ExperimentFile:
    """An experiment's file, read once."""

    path: Path
    document: dict[str, Any]
    """Replace old names of our modules by today's."""
    notice: str | None = None
    """What to change in the file, although it can be run as it is; with the file's name."""
    is_checked: bool = False
    """Whether the process that has read it has checked it as well; it is neither read nor checked again."""


def path_of(name: str) -> Path:
    """Return the file of this path, or the one of ours that has this name. Raises InvalidExperimentError."""
    if Path(name).is_file():
        return Path(name)
    ours = FOLDER / f"{name}.json"
    if ours.is_file() and ours.parent == FOLDER:
        return ours
    known = ", ".join(path.stem for path in _ours())
    raise InvalidExperimentError(
        f'"{name}" is neither a file nor an experiment that comes with brownout: {known}'
    )


def load(path: Path) -> ExperimentFile:
    """Read a JSON or YAML file. Raises InvalidExperimentError."""
    document, old = old_names.renamed(_parsed(path))
    notice = old_names.notice(old)
    return ExperimentFile(path, document, f"{path}: {notice}" if notice else None)


def read(path: Path) -> dict[str, Any]:
    """Return the experiment of a JSON or YAML file. Raises InvalidExperimentError."""
    return load(path).document


def _parsed(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text(encoding="utf-8")
        if path.suffix in (".yaml", ".yml"):
            return _object(path, _yaml(path, text))
        return _object(path, json.loads(text))
    except json.JSONDecodeError as error:
        raise InvalidExperimentError(f"{path}:{error.lineno}:{error.colno}: not JSON: {error.msg}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidExperimentError(f"{path}: can't be read: {error}") from None


def hand_over(file: ExperimentFile, folder: Path) -> dict[str, str]:
    """Write a checked experiment to the folder; return the variables by which `handed_over` finds it."""
    path = (folder / HANDED_OVER).resolve()
    content = {"file": str(file.path), "document": file.document}
    path.write_text(json.dumps(content, ensure_ascii=False) + "\n", encoding="utf-8")
    return {CHECKED_EXPERIMENT: str(path)}


def handed_over(environ: Mapping[str, str]) -> ExperimentFile | None:
    """Return the checked experiment that another process has handed over; None if there is none."""
    if CHECKED_EXPERIMENT not in environ:
        return None
    content = json.loads(Path(environ[CHECKED_EXPERIMENT]).read_text(encoding="utf-8"))
    return ExperimentFile(Path(content["file"]), content["document"], is_checked=True)


def listed(environ: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return `file`, `title` and `phases` of each experiment that can be started."""
    checked = handed_over(environ)
    described = {name: _described(path) for name, path in _startable(environ).items()}
    if checked:
        described[str(checked.path)] = _description(checked)
    return [{"file": name, **description} for name, description in described.items()]


def load_listed(name: str, environ: Mapping[str, str]) -> ExperimentFile:
    """Return one of those that `listed` names. Raises InvalidExperimentError."""
    checked, paths = handed_over(environ), _startable(environ)
    if checked and name == str(checked.path):
        return checked
    if name in paths:
        return load(paths[name])
    names = ", ".join(f'"{one}"' for one in [*paths, *([str(checked.path)] if checked else [])])
    raise InvalidExperimentError(f'"{name}" is not a known experiment; there are: {names}')


def phases(experiment: Mapping[str, Any]) -> list[str]:
    """Return the phases that the method marks."""
    providers = [activity.get("provider", {}) for activity in experiment.get("method", [])]
    return [
        str(provider.get("arguments", {}).get("phase"))
        for provider in providers
        if (provider.get("module"), provider.get("func")) == ("brownout.actions", "mark_phase")
    ]


def _ours() -> list[Path]:
    return sorted(FOLDER.glob("*.json"))


def _startable(environ: Mapping[str, str]) -> dict[str, Path]:
    more = [Path(name) for name in environ.get(EXPERIMENTS, "").split(os.pathsep) if name]
    return {path.stem: path for path in _ours()} | {str(path): path for path in more}


def _described(path: Path) -> dict[str, Any]:
    try:
        return _description(load(path))
    except (InvalidExperimentError, AttributeError):
        return {"title": path.stem, "phases": []}


def _description(file: ExperimentFile) -> dict[str, Any]:
    return {"title": str(file.document.get("title", file.path.stem)), "phases": phases(file.document)}


def _yaml(path: Path, text: str) -> Any:
    import yaml  # Chaos Toolkit's own

    try:
        document = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise InvalidExperimentError(f"{path}: not YAML: {' '.join(str(error).split())}") from None
    return json.loads(json.dumps(document, default=str))  # a date is a text, as it is in the run folder


def _object(path: Path, document: Any) -> dict[str, Any]:
    if not isinstance(document, dict):
        raise InvalidExperimentError(f"{path}: an experiment is an object with a title, a method, and so on")
    return document
