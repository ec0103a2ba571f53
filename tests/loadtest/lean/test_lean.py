"""The lean client is tried in a process like Locust's; see __main__.py."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.servers import ROOT

DEADLINE_S = 150.0
FILES = ("behaviours.py", "judging.py", "broken_answers.py", "ways.py")


@pytest.mark.slow
@pytest.mark.timeout(DEADLINE_S + 10)
def test_the_lean_client_passes() -> None:
    """All tests pass under Locust's patches: as FastHttpUser behaves, broken answers, ways to a server."""
    run = subprocess.run(
        [sys.executable, "-m", "tests.loadtest.lean", *FILES],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=DEADLINE_S,
        check=False,
    )
    assert run.returncode == 0, run.stdout[-6000:] + run.stderr[-2000:]
    assert " passed" in run.stdout
