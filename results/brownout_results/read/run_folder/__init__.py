"""Run folders, read in whatever state a crash has left them. `read` returns a `Run`."""

from .intervals import Endpoint, Intervals
from .reader import read
from .run import Run, State
from .tables import Load, Samples

__all__ = ["Endpoint", "Intervals", "Load", "Run", "Samples", "State", "read"]
