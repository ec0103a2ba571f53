"""The dependencies that faults may be for: those whose name no injector has would hit nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from typing import Any

from brownout_panel.desired import ReplicaFaults
from brownout_panel.errors import RefusedError
from brownout_panel.reconciler import ReplicaReconciler


def names_of(backends: Iterable[ReplicaReconciler]) -> set[str]:
    """Names by which faults can ask for these injectors: the fleet's, and those that they tell themselves."""
    found = set()
    for one in backends:
        answer = one.observed.answer
        found.add(one.replica.dependency)
        found.add(answer.dependency if isinstance(answer, ReplicaFaults) else None)
    return {name for name in found if name}


def check_dependencies(document: Mapping[str, Any], names: set[str]) -> None:
    """Raise RefusedError for a fault that is for a dependency which no injector has."""
    for fault in document.get("faults") or ():
        match = fault.get("match")
        wanted = match.get("dependency") if isinstance(match, Mapping) else None
        if not isinstance(wanted, str) or any(fnmatchcase(name, wanted) for name in names):
            continue
        known = ", ".join(f'"{name}"' for name in sorted(names)) or "none, since no injector has a name"
        raise RefusedError(
            "panel",
            {
                "status": 400,
                "detail": f'"{wanted}" is no dependency that faults can be for; there are: {known}. '
                "Nothing was changed.",
                "sent": wanted,
                "allowed": known,
            },
        )
