"""Where the files are that stand beside a package: experiments, manifests, the locustfile."""

from __future__ import annotations

from pathlib import Path


def beside(module_file: str, name: str) -> Path:
    """The file or folder `name` of a room, given the `__file__` of a module at the top of its package.

    A wheel holds it inside the package. In a checkout it stands beside the package, where people look for it.
    """
    package = Path(module_file).parent
    inside = package / name
    return inside if inside.exists() else package.parent / name
