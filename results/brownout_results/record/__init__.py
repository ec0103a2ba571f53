"""What a run writes into its folder, `results/runs/<start>-<label>/`; docs/run-folder.md has the format."""

from .errors import RunFolderError
from .folder_names import check_out, make_folder, printable, slug
from .histogram import Histogram
from .latency_log import COUNTED, LATENCY, SERVICE, UNTIMED
from .table_rows import CauseRow, LoadRow, Sample

__all__ = [
    "COUNTED",
    "LATENCY",
    "SERVICE",
    "UNTIMED",
    "CauseRow",
    "Histogram",
    "LoadRow",
    "RunFolderError",
    "Sample",
    "check_out",
    "make_folder",
    "printable",
    "slug",
]
