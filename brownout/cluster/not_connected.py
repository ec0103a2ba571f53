"""Finds the workers that never reached Locust's master although their pods ran, from its output. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from brownout.commands.cluster import LOCUST_PORT
from brownout.not_started import GAVE_UP

READY = re.compile(r"(\S+)_[0-9a-f]{32} \(index \d+\) reported as ready")
"""A worker calls itself by its host's name, which in a pod is the pod's, and something random."""

MOST_NAMES = 5


def why(output: str, workers: Sequence[str], log: Path) -> str | None:
    """Sentence for the user, if that is what happened; `workers` are pods, `log` is where its output is."""
    if GAVE_UP not in output:
        return None
    came = READY.findall(output)
    missing = [name for name in workers if name not in came]
    named = f": {_listed(missing)}" if len(missing) == len(workers) - len(came) else ""
    return (
        f"{len(workers) - len(came)} of {len(workers)} workers did not reach Locust's master in time, though "
        f"their pods run{named}.\n\nEither something is between them and port {LOCUST_PORT} of the master's "
        "pod (a network policy, a service mesh), or the import of their users takes too long. All that the "
        f"master said: {log}"
    )


def _listed(names: Sequence[str]) -> str:
    more = len(names) - MOST_NAMES
    return ", ".join(names[:MOST_NAMES]) + (f" and {more} more" if more > 0 else "")
