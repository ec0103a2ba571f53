"""Each kind of disturbance, done to a real run: its report tells of it, loses nothing, and blames nobody."""

from __future__ import annotations

from pathlib import Path

import psutil
import pytest

from brownout.selftest.disturbances import ALL, Disturbance
from brownout.selftest.findings import findings
from brownout.selftest.rounds import Plan, perform

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("disturbance", ALL, ids=lambda kind: kind.name)
def test_a_report_tells_what_brownout_itself_did(disturbance: Disturbance, tmp_path: Path) -> None:
    result = perform(Plan(1, disturbance, 0.5, 1.5), tmp_path)
    assert findings([result]) == []
    assert result.invalid or result.notices or result.told
    assert not _left(tmp_path)


def test_a_run_that_is_left_alone_loses_nothing(tmp_path: Path) -> None:
    """It may be told that this machine was busy."""
    result = perform(Plan(1, None, 0.5, 1.5), tmp_path)
    assert result.reads
    assert result.failed == result.failed_for_locust > 0
    assert result.other_causes == 0


def _left(folder: Path) -> list[str]:
    """Command lines of processes that still have to do with this folder."""
    lines = [" ".join(process.info["cmdline"] or ()) for process in psutil.process_iter(["cmdline"])]
    return [line for line in lines if str(folder) in line]
