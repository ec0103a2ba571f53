"""Run folders, read in whatever state a crash has left them. `read` returns a `Run`."""

from .intervals import Endpoint, Intervals
from .reader import read
from .run import Run, RunState
from .tables import LoadTable, SampleTable

__all__ = ["Endpoint", "Intervals", "LoadTable", "Run", "RunState", "SampleTable", "read"]
