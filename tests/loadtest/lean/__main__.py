"""Runs tests of `inside` in a process like Locust's: `python -m tests.loadtest.lean FILE…`.

Locust patches sockets and threads when it is imported; pytest's own process must not be patched.
"""

import os
import sys
from pathlib import Path

from gevent import monkey

monkey.patch_all()  # before anything imports what it patches
os.environ["LOCUST_SKIP_MONKEY_PATCH"] = "1"

import pytest  # noqa: E402

INSIDE = Path(__file__).parent / "inside"
OPTIONS = [
    "-q",
    "-p",
    "no:cacheprovider",
    "-p",
    "no:xdist",
    "-o",
    "python_files=*.py",
    f"--confcutdir={INSIDE}",
]

sys.exit(pytest.main([*OPTIONS, f"--confcutdir={INSIDE}", *(str(INSIDE / name) for name in sys.argv[1:])]))
