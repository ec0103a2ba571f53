"""Runs of any source behind one protocol. A new source is one class, listed in SOURCES."""

from .any_run import AnyRun
from .folder import FolderRun
from .locust_files import LocustFilesRun
from .sources import SOURCES, read_run

__all__ = ["SOURCES", "AnyRun", "FolderRun", "LocustFilesRun", "read_run"]
