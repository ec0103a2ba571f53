"""Locust's own files, compared: with each other, by what they hold."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from brownout_results.read.locust_csv import LocustRun, read
from brownout_results.report.comparison_report import report_of_comparison
from brownout_results.report.comparison_sides import runs_side_by_side
from brownout_results.report.document import Document
from brownout_results.report.runs import LocustFilesRun
from brownout_terms.verdicts import COMPARISON
from tests.results.read.locust_csv.files import history, stats

REAL = Path(__file__).parents[2] / "read" / "locust_csv" / "real"
SECONDS = 120


def made(folder: Path, rate: int, failing: float) -> LocustRun:
    """A run of about `rate` requests a second, of which a share fails."""
    draw = random.Random(rate)
    rows, requests, failed = [], 0, 0
    for second in range(SECONDS):
        came = rate + draw.randint(-3, 3)
        requests += came
        failed += round(came * failing) + draw.randint(0, 1)
        rows += [(second, "/", requests, failed), (second, "", requests, failed)]
    folder.mkdir()
    (folder / "x_stats_history.csv").write_text(history(rows))
    (folder / "x_stats.csv").write_text(stats([("/", requests, failed), ("", requests, failed)]))
    return read(folder / "x")


def verdicts(document: Document) -> dict[str, str]:
    """Figure and verdict of all requests."""
    return {row.figure: row.others[0].verdict for row in document.tables[0].rows}


def test_a_lower_rate_with_more_failures_is_worse_and_a_percentile_is_not_judged(tmp_path: Path) -> None:
    before, after = made(tmp_path / "a", 50, 0.01), made(tmp_path / "b", 30, 0.2)
    found = verdicts(
        report_of_comparison(runs_side_by_side([LocustFilesRun(before), LocustFilesRun(after)]), "test", [])
    )
    assert found["goodput"] == found["throughput"] == found["availability"] == "worse"
    assert found["p95"] == "not in the files"


def test_a_run_against_itself_is_equal_where_it_has_enough_and_else_too_wide(tmp_path: Path) -> None:
    run = made(tmp_path / "a", 50, 0.01)
    found = verdicts(report_of_comparison(runs_side_by_side([LocustFilesRun(run)] * 2), "test", []))
    assert found["goodput"] == "equal"
    assert found["availability"] == "too wide"


@pytest.mark.parametrize(("before", "after"), [("0.9.0", "0.12.2"), ("1.1", "1.2"), ("2.31.8", "2.47.0")])
def test_real_files_of_different_versions_can_be_compared(before: str, after: str) -> None:
    document = report_of_comparison(
        runs_side_by_side([LocustFilesRun.read(REAL / name) for name in (before, after)]), "test", []
    )
    assert set(verdicts(document).values()) <= {*COMPARISON, ""}
    assert document.sentences
