"""A locustfile from a HAR file, which a browser records: har2locust, of Locust's own makers, writes it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from brownout.errors import UsageError
from brownout_fleet.kind import is_installed

PATIENCE_S = 60.0
OPTION = "--har"


def locustfile_of_har(path: Path) -> str:
    """Return the locustfile's text. Raises UsageError."""
    if not is_installed("har2locust"):
        raise UsageError(
            "it needs the Python package har2locust, which is not installed.\n\n"
            "    pip install 'brownout[har]'",
            OPTION,
        )
    command = [sys.executable, "-m", "har2locust", str(path)]
    programs = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    environment = {**os.environ, "PATH": programs}  # it calls ruff, which is installed beside it
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=PATIENCE_S, check=False
    )
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise UsageError(f'"{path}" is not a HAR file that har2locust reads: {last}', OPTION)
    return (
        f"{done.stdout}\n\nimport brownout.locust  # noqa: E402, F401 - open-loop load, recorder and panel\n"
    )
