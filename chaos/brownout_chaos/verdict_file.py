"""`verdict.json`, in the run folder from the experiment's first moment on.

It begins as "aborted", which is what remains of an experiment that is killed. It is written before the engine
is imported, which takes seconds on a busy machine.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

NAME = "verdict.json"

UNFINISHED = "its process ended before it was over, and had no time to put anything back"


def write(folder: Path, word: str, reason: str, experiment: str | None, file: str) -> None:
    """Write the verdict atomically: a reader never sees half of it."""
    document = {"word": word, "reason": reason, "experiment": experiment, "file": file}
    write_json(folder / NAME, document)


def begin(folder: Path, file: str) -> None:
    """Write the verdict that stands if nothing else follows."""
    write(folder, "aborted", UNFINISHED, None, file)


def read(folder: Path) -> dict[str, Any] | None:
    """Return the verdict; None if no experiment ran."""
    try:
        document: dict[str, Any] = json.loads((folder / NAME).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return document


def write_json(path: Path, document: Any) -> None:
    """Replace a file with this JSON, atomically."""
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps(document, indent=2, default=str) + "\n", encoding="utf-8")
    os.replace(partial, path)
