"""What brownout.toml says to the command that runs, which click's context carries."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from brownout.errors import UsageError

if TYPE_CHECKING:
    from brownout.project.model import VariantTable
    from brownout.project.read import ProjectSettings

PROJECT, VARIANT, LAB = "brownout.project", "brownout.variant", "brownout.lab"


def project_of(context: click.Context | None = None) -> ProjectSettings | None:
    """Return the settings of the file; None if there is none."""
    found: ProjectSettings | None = (context or click.get_current_context()).meta.get(PROJECT)
    return found


def variants_of_file(context: click.Context | None = None) -> Mapping[str, VariantTable]:
    """Return the file's variants by name. Raises click.UsageError."""
    from brownout.project.checks import variants_of

    project = project_of(context)
    try:
        return variants_of(project) if project else {}
    except UsageError as error:
        raise click.UsageError(str(error)) from error


def chosen_variant() -> tuple[str | None, VariantTable | None]:
    """Return the variant that --variant names, and its name."""
    name: str | None = click.get_current_context().meta.get(VARIANT)
    return name, (variants_of_file()[name] if name else None)


def own_fleet() -> dict[str, Any]:
    """Return what differs in the configuration of a fleet of the user's commands. Raises UsageError."""
    from brownout.project.checks import check_start
    from brownout.project.fleet import fleet_settings

    project = project_of()
    if project is None:
        raise click.UsageError(
            "--fleet command starts what brownout.toml describes, and there is none here.\n\n"
            "Write one: brownout init"
        )
    _, variant = chosen_variant()
    check_start(project, variant)
    for other in variants_of_file().values():
        if other.command is not None:
            check_start(project, other)
    service = project.file.service
    return {
        "clients": service.replicas if service and service.command else 0,
        "backends": len(project.dependencies),
        "settings": fleet_settings(project, variant),
    }


def url_of_file() -> str | None:
    """Return where the file's service runs, if it is started elsewhere."""
    project = project_of()
    return project.file.service.url if project and project.file.service else None


def tested_now() -> dict[str, Any] | None:
    """Return what this command tests, for run.json; None without a file."""
    from brownout.project.tested import facts_of_tested

    project = project_of()
    return facts_of_tested(project, *chosen_variant()) if project else None


def locust_words() -> list[str]:
    """Return Locust's options that the file has, and where a service that has a URL shows its breakers."""
    project = project_of()
    if project is None:
        return []
    service = project.file.service
    runs_elsewhere = service and not (service.command or service.compose or service.kubernetes)
    place = service.breaker if service and runs_elsewhere else None
    return [*(["--brownout-breaker", place] if place else []), *project.file.load.locust]
