"""Every source of runs, in the order in which a path is tried."""

from __future__ import annotations

from pathlib import Path

from .any_run import AnyRun, NotThisSourceError
from .folder import FolderRun
from .locust_files import LocustFilesRun

SOURCES: tuple[type[AnyRun], ...] = (FolderRun, LocustFilesRun)


def read_run(path: Path, part: int | None = None) -> AnyRun:
    """Read the run at this path; of several in one file, that number.

    Raises NotThisSourceError with what the last source says, and OSError.
    """
    *others, last = SOURCES
    for source in others:
        try:
            return source.read(path, part)
        except NotThisSourceError:
            continue
    return last.read(path, part)
