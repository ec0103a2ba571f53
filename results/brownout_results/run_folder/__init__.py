"""Run folders, `results/runs/<start>-<label>/`: their format, written as a run goes, read in any state.

The format is described in docs/run-folder.md. `read` gives a `Run`; the rest is what the recorder uses.
"""

from .errors import RunFolderError
from .histogram import Histogram
from .hlog import LATENCY, SERVICE
from .intervals import Endpoint, Intervals
from .names import check_out, make_folder, slug
from .reader import read
from .run import Run, State
from .tables import CauseRow, Load, LoadRow, Sample, Samples

__all__ = [
    "LATENCY",
    "SERVICE",
    "CauseRow",
    "Endpoint",
    "Histogram",
    "Intervals",
    "Load",
    "LoadRow",
    "Run",
    "RunFolderError",
    "Sample",
    "Samples",
    "State",
    "check_out",
    "make_folder",
    "read",
    "slug",
]
