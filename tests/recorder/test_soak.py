"""An hour of recording: memory stays flat, and the disk takes what the docs say."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers import ROOT

RATE = 5


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_an_hour_takes_no_more_memory_at_its_end_and_the_disk_that_the_docs_state(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.recorder.soak", str(tmp_path / "run"), str(RATE)]
    took = json.loads(subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True).stdout)

    assert took["late"] <= 1.1 * took["early"]
    docs = (ROOT / "docs" / "run-folder.md").read_text("utf-8")
    stated = re.search(rf"50 endpoints at {RATE} requests/s each (\d+) MB", docs)
    assert stated
    assert took["latency.hlog"] == pytest.approx(float(stated[1]) * 1e6, rel=0.1)
