"""Checks that an experiment's own Kubernetes actions stay in the fleet's namespace. Pure, except for the
environment variables that a file's configuration names."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from typing import Any

from brownout_chaos.verdict import PODS
from brownout_terms.variables import NAMESPACE


def elsewhere(experiment: Mapping[str, Any], namespace: str | None) -> Iterator[str]:
    """Complain about actions that end pods in another namespace than the fleet's. None: it has none."""
    for index, activity in enumerate(experiment.get("method") or [] if namespace else []):
        provider = activity.get("provider") or {}
        if provider.get("func") not in PODS or not str(provider.get("module")).startswith("chaosk8s."):
            continue
        meant = _configured(experiment, (provider.get("arguments") or {}).get("ns", "default"), namespace)
        if meant != namespace:
            yield (
                f'method[{index}] "{activity.get("name")}": it ends pods in the namespace "{meant}", and the '
                f'fleet is in "{namespace}". Write "ns": "{namespace}", or do as pod-kill-lab does.'
            )


def _configured(experiment: Mapping[str, Any], value: Any, namespace: str | None) -> Any:
    """Return an argument, or the configuration's value that it refers to as `${name}`."""
    found = re.fullmatch(r"\$\{(\w+)\}", str(value))
    entry = (experiment.get("configuration") or {}).get(found[1]) if found else value
    if isinstance(entry, dict) and entry.get("type") == "env":
        if entry.get("key") == NAMESPACE:
            return namespace
        return os.environ.get(str(entry.get("key")), entry.get("default"))
    return entry
