"""Reads a share of a log for another process.

python -m brownout_results.read.run_folder.parallel_part FILE FIRST END
"""

import pickle
import sys
from pathlib import Path

from .parallel_reader import share

if __name__ == "__main__":
    path, first, end = sys.argv[1:]
    pickle.dump(share(Path(path), int(first), int(end)), sys.stdout.buffer, protocol=5)
