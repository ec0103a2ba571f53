"""What was tested, for run.json: commit, command, variant and its variables, image. Secrets are masked."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from brownout.project.fleet import command_of, texts, variables_of
from brownout.project.model import VariantTable
from brownout.project.read import ProjectSettings
from brownout_results.record.manifest import HIDDEN, without_secrets

PATIENCE_S = 5.0
_SECRET = re.compile(
    r"pass(word|wd|phrase)?$|secret|token|credential|api_?key|private|(^|_)(key|auth|dsn)$", re.IGNORECASE
)


def facts_of_tested(
    project: ProjectSettings, name: str | None, variant: VariantTable | None
) -> dict[str, Any]:
    """Return what a run of this variant tests; what can't be told is left out."""
    variant = variant or VariantTable()
    service = project.file.service
    facts: dict[str, Any] = {
        "service": project.name if project.is_own_service else None,
        "variant": name,
        **git(project.folder),
    }
    if service and service.command:
        facts["command"] = " ".join(without_secrets(command_of(service, variant)))
        facts["environment"] = masked(variables_of(service, variant))
        facts["replicas"] = service.replicas
    elif variant.environment:
        facts["environment"] = masked(texts(variant.environment))
    if variant.image:
        facts |= {"image": variant.image, "image_digest": digest(variant.image)}
    facts["dependencies"] = {
        key: one.url or " ".join(without_secrets(str(one.command).split()))
        for key, one in project.file.dependencies.items()
    }
    return {key: value for key, value in facts.items() if value not in (None, {})}


def masked(variables: Mapping[str, str]) -> dict[str, str]:
    """Return variables without the values of those that are named like secrets."""
    return {name: HIDDEN if _SECRET.search(name) else value for name, value in variables.items()}


def git(folder: Path) -> dict[str, Any]:
    """Return the commit of the folder, its tag if it has one, and whether anything was not committed."""
    commit = _output(["git", "-C", str(folder), "rev-parse", "HEAD"])
    if commit is None:
        return {}
    changed = _output(["git", "-C", str(folder), "status", "--porcelain", "--untracked-files=no"])
    tag = _output(["git", "-C", str(folder), "describe", "--tags", "--exact-match"])
    return {"git_commit": commit, "git_tag": tag, "git_dirty": bool(changed)}


def digest(image: str) -> str | None:
    """Return an image's digest, or its id where it was never pushed; None if no engine knows it."""
    shown = "{{if .RepoDigests}}{{index .RepoDigests 0}}{{else}}{{.Id}}{{end}}"
    return _output(["docker", "image", "inspect", "--format", shown, image])


def _output(command: list[str]) -> str | None:
    if shutil.which(command[0]) is None:
        return None
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None
