"""Every source of runs, in the order in which a path is tried."""

from __future__ import annotations

from pathlib import Path

from .any_run import AnyRun, NotThisSourceError
from .folder import FolderRun
from .locust_files import LocustFilesRun

SOURCES: tuple[type[AnyRun], ...] = (FolderRun, LocustFilesRun)


def read_run(path: Path) -> AnyRun:
    """Read the run at this path. Raises NotThisSourceError with what the last source says, and OSError."""
    *others, last = SOURCES
    for source in others:
        try:
            return source.read(path)
        except NotThisSourceError:
            continue
    return last.read(path)
