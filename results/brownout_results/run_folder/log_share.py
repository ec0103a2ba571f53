"""Reads a share of a log for another process.

python -m brownout_results.run_folder.log_share FILE FIRST END
"""

import pickle
import sys
from pathlib import Path

from .shared_log import share

if __name__ == "__main__":
    path, first, end = sys.argv[1:]
    pickle.dump(share(Path(path), int(first), int(end)), sys.stdout.buffer, protocol=5)
