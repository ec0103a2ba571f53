"""Events that lie beside Locust's files, in a run folder or one like it: faults, kills and marks."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from brownout_results.record import event_log


def events_beside(files: Iterable[Path]) -> list[Mapping[str, Any]]:
    """Return the events of the files' folders; lines that are none are left out."""
    found: list[Mapping[str, Any]] = []
    for folder in sorted({path.parent for path in files}):
        try:
            lines = (folder / event_log.NAME).read_text("utf-8", errors="replace").splitlines()
        except OSError:
            continue
        found += [event for line in lines if (event := _event(line)) is not None]
    return found


def _event(line: str) -> Mapping[str, Any] | None:
    try:
        event = json.loads(line)
    except ValueError:
        return None
    return event if isinstance(event, dict) else None
