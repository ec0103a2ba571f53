"""The lean client is tried in a process like Locust's; see __main__.py."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.servers import ROOT

DEADLINE_S = 55.0


@pytest.mark.parametrize("file", ["behaviours.py", "broken_answers.py", "ways.py"])
def test_the_lean_client_passes(file: str) -> None:
    """All tests of a file pass under Locust's patches, and there are some."""
    run = subprocess.run(
        [sys.executable, "-m", "tests.loadtest.lean", file],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=DEADLINE_S,
        check=False,
    )
    assert run.returncode == 0, run.stdout[-6000:] + run.stderr[-2000:]
    assert " passed" in run.stdout
