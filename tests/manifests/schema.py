"""Holds a manifest against the API's schema, as the Kubernetes client's models have it.

Every field has to be known and of the right type, and none that is required may be missing. Not seen here is
what no model says, such as a pattern, and a field in Python's spelling.
"""

from __future__ import annotations

from typing import Any

from kubernetes.client import models
from pydantic import ValidationError


def complaints(manifest: dict[str, Any]) -> list[str]:
    """What the API server would refuse; none for a manifest that fits."""
    version = manifest["apiVersion"].rpartition("/")[2]
    kind = version[0].upper() + version[1:] + manifest["kind"]
    if not hasattr(models, kind):
        return [f"there is no {kind}"]
    try:
        getattr(models, kind).model_validate(manifest, strict=True)
    except ValidationError as error:
        return [f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()]
    return []
