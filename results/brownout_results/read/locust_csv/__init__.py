"""Files that Locust writes itself, of every generation (since 0.8): by prefix, folder or single file.

`read` gives a `LocustRun`, which says what can't be known from the files instead of guessing it.
"""

from .errors import LocustCsvError
from .exported import percentile_of
from .reader import read
from .run import GENERATIONS, WINDOW_S, Lack, LocustRun, RequestStats, step_ms
from .since_start import SinceStart

__all__ = [
    "GENERATIONS",
    "WINDOW_S",
    "Lack",
    "LocustCsvError",
    "LocustRun",
    "RequestStats",
    "SinceStart",
    "percentile_of",
    "read",
    "step_ms",
]
