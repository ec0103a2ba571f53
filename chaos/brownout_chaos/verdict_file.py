"""`verdict.json`, in the run folder from the experiment's first moment on.

What is found of one that was killed is the verdict that it began with: aborted. It is written before
the engine is imported, which takes seconds on a busy machine.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

NAME = "verdict.json"

UNFINISHED = "its process ended before it was over, and had no time to put anything back"


def write(folder: Path, word: str, reason: str, experiment: str | None, file: str) -> None:
    """The verdict, at one stroke: a reader never sees half of it."""
    document = {"word": word, "reason": reason, "experiment": experiment, "file": file}
    replace(folder / NAME, document)


def begin(folder: Path, file: str) -> None:
    """The one that stands if nothing else follows."""
    write(folder, "aborted", UNFINISHED, None, file)


def read(folder: Path) -> dict[str, Any] | None:
    """The verdict; None if no experiment ran."""
    try:
        document: dict[str, Any] = json.loads((folder / NAME).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return document


def replace(path: Path, document: Any) -> None:
    """Write JSON in place of what is there."""
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps(document, indent=2, default=str) + "\n", encoding="utf-8")
    os.replace(partial, path)
