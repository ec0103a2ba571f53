"""The manifests as users get them: built by the kustomize inside kubectl, which is a wheel here."""

from __future__ import annotations

import copy
import functools
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.servers import ROOT

Manifest = dict[str, Any]

FOLDERS = ("base", "overlays/lab", "overlays/distributed", "roles", "roles/in-cluster")
BUILD_S = 20.0
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@functools.cache
def kubectl() -> str:
    """The kubectl of this virtual environment, else one on PATH."""
    here = Path(sys.executable).with_name("kubectl")
    found = str(here) if here.exists() else shutil.which("kubectl")
    if not found:
        pytest.skip("there is no kubectl here, and no wheel of it for this system")
    return found


@functools.cache
def _build(folder: str) -> list[Manifest]:
    command = [kubectl(), "kustomize", str(ROOT / "k8s" / folder)]
    built = subprocess.run(command, check=True, capture_output=True, text=True, timeout=BUILD_S)
    return list(yaml.load_all(built.stdout, LOADER))


def build(folder: str) -> list[Manifest]:
    """The objects of one folder below k8s/, the caller's to change."""
    return copy.deepcopy(_build(folder))


def one(folder: str, kind: str, name: str) -> Manifest:
    """One object of a folder."""
    return next(o for o in build(folder) if (o["kind"], o["metadata"]["name"]) == (kind, name))
