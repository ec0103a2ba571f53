"""`--png`, `--svg` and `--pdf`, as typed: a command has a browser of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from brownout_results.report.run_report import report_of_run
from tests.results.report.runs import hostile
from tests.servers import ROOT

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

BEGINS = {".png": b"\x89PNG\r\n", ".svg": b"<svg", ".pdf": b"%PDF"}


def test_every_chart_is_a_picture_in_each_format_that_is_asked_for(tmp_path: Path) -> None:
    run = hostile(tmp_path / "run")
    asked = [suffix.replace(".", "--") for suffix in BEGINS]
    command = [sys.executable, "-m", "brownout", "report", str(run.folder), *asked, "--out", "out"]
    done = subprocess.run(
        command,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=150,
        check=False,
    )
    written = [path for path in (tmp_path / "out").iterdir() if path.suffix in BEGINS]
    assert len(written) == len(BEGINS) * len(report_of_run(run, "test").charts), done.stdout + done.stderr
    for picture in written:
        assert picture.read_bytes().startswith(BEGINS[picture.suffix])
        assert picture.name in done.stdout
