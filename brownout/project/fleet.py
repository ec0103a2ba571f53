"""The file's service and dependencies as settings of the fleet that starts them. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from brownout.project.model import DependencyTable, Scalar, ServiceTable, VariantTable
from brownout.project.read import ProjectSettings
from brownout.project.words import words

ESCAPED = re.compile(r"\{\{([A-Za-z][\w-]*)\}\}")
"""How a text writes `{word}` where it means no dependency."""

PLACE = "place"
"""Key of the fleet's settings with the line of the command, for the message when it does not start."""


def kind_of(project: ProjectSettings) -> str | None:
    """Return the kind of fleet that the file asks for; None: the default, or what [fleet] says."""
    service = project.file.service
    if project.file.dependencies or (service and service.command):
        return "command"
    if service and service.kubernetes:
        return "k8s"
    return "compose" if service and service.compose else None


def fleet_settings(project: ProjectSettings, variant: VariantTable | None = None) -> dict[str, Any]:
    """Return the settings of the command fleet, as the variant changes them."""
    variant = variant or VariantTable()
    service = project.file.service
    started = service if service and service.command else None
    return {
        "service": _service(project, started, variant) if started else None,
        "dependencies": {
            name: _dependency(one, project.folder) for name, one in project.file.dependencies.items()
        },
        PLACE: project.place("service", "command") if started else project.place("dependencies"),
    }


def command_of(service: ServiceTable, variant: VariantTable) -> list[str]:
    """Return the words of the service's command."""
    line = variant.command if variant.command is not None else service.command
    return [_with_image(word, variant) for word in words(line)]


def variables_of(service: ServiceTable, variant: VariantTable) -> dict[str, str]:
    """Return the service's own variables; the variant's replace those of the same name."""
    both = texts(service.environment) | texts(variant.environment)
    return {name: _with_image(value, variant) for name, value in both.items()}


def texts(variables: Mapping[str, Scalar]) -> dict[str, str]:
    """Return variables as text; true and false as TOML writes them."""
    return {
        name: str(value).lower() if isinstance(value, bool) else str(value)
        for name, value in variables.items()
    }


def _service(project: ProjectSettings, service: ServiceTable, variant: VariantTable) -> dict[str, Any]:
    return {
        "name": project.name,
        "command": command_of(service, variant),
        "replicas": service.replicas,
        "ready": service.ready,
        "environment": variables_of(service, variant),
        "cwd": folder_of(service, project.folder),
        "breaker": service.breaker,
        "start_timeout_s": service.start_timeout_s,
    }


def _dependency(one: DependencyTable, folder: Path) -> dict[str, Any]:
    return {
        "url": one.url,
        "command": words(one.command) or None,
        "ready": one.ready,
        "environment": texts(one.environment),
        "port": one.port,
        "cwd": folder_of(one, folder),
    }


def folder_of(table: ServiceTable | DependencyTable, folder: Path) -> str:
    """Return the folder in which a command starts."""
    return str((folder / table.cwd).resolve()) if table.cwd else str(folder)


def _with_image(text: str, variant: VariantTable) -> str:
    """Fill in the image, and make `{{word}}` the text that it stands for."""
    text = text.replace("{image}", variant.image) if variant.image else text
    return ESCAPED.sub(r"{\1}", text)
