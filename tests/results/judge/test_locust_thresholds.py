"""Thresholds, pins and baselines on Locust's own files: on every figure that these have."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from brownout.cli import cli
from brownout_results.judge.thresholds import LocustFigures, judge, parse
from brownout_results.measure.selection import files_with_phases, parse_phase
from brownout_results.read.locust_csv import read
from tests.results.read.locust_csv.files import history, stats

REAL = Path(__file__).parents[1] / "read" / "locust_csv" / "real"


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """Twenty seconds of 10 requests each to /a, the last ten of which fail by a half."""
    rows, failed = [], 0
    for second in range(20):
        failed += 5 if second >= 10 else 0
        rows += [(second, "/a", 10 * second + 10, failed), (second, "", 10 * second + 10, failed)]
    (tmp_path / "x_stats.csv").write_text(stats([("/a", 200, 50), ("", 200, 50)]))
    (tmp_path / "x_stats_history.csv").write_text(history(rows))
    (tmp_path / "x_exceptions.csv").write_text("Count,Message,Traceback,Nodes\n3,oops,tb,local\n")
    return tmp_path / "x"


@pytest.mark.parametrize(
    ("text", "passed", "reason"),
    [
        ("p95 < 300ms", True, "it is 20ms"),
        ("p50 < 9ms", False, "it is 10ms"),
        ("max <= 900ms", True, "it is 900ms"),
        ("mean < 12ms", True, "it is 11.5ms"),
        ("requests >= 200", True, "it is 200"),
        ("ok_ratio >= 70%", True, "it is 75%"),
        ("error_ratio <= 20%", False, "it is 25%"),
        ("exceptions == 0", False, "it is 3"),
        ("throughput > 9/s", True, "it is 10/s"),
        ('goodput{endpoint="GET /a"} > 7/s', True, "it is 7.35294/s"),
        ('ok_ratio{phase="late"} >= 60%', False, "it is 50%"),
        ('throughput{phase="late"} > 9/s', True, "it is 10/s"),
        ("p97 < 1s", False, "Locust's files have no p97: they have p50, p95 and p100"),
        ('p95{phase="late"} < 1s', False, 'have no p95: they have no percentile in phase "late"'),
        ("retry_amplification < 2", False, "Locust's files do not tell retry_amplification"),
        ("fallback_ratio < 2%", False, "Locust's files do not tell fallback_ratio"),
        ('p95{endpoint="GET /b"} < 1s', False, 'endpoint "GET /b" never appeared in the run; did you mean'),
        ('p95{phase="fault"} < 1s', False, 'name one with --phase "fault=0..30"'),
    ],
)
def test_each_figure_of_the_files_can_be_judged(files: Path, text: str, passed: bool, reason: str) -> None:
    run = files_with_phases(read(files), [parse_phase("late=10..20")])

    (found,) = judge(LocustFigures(run), [parse(text)], None)

    assert found.passed is passed
    assert reason in found.reason


@pytest.mark.parametrize(
    ("text", "word"),
    [("p95 < 50ms", "held"), ("p95 < 10ms", "missed"), ("p95 < 25ms", "error"), ("p95 > 25ms", "error")],
)
def test_an_estimated_percentile_says_so_and_is_judged_by_its_bounds(
    files: Path, text: str, word: str
) -> None:
    """A history of the moment has p95 between 15 and 40 ms, and there is no table of the whole run."""
    run = read(files)
    moments = {95.0: np.where(run.starts < 10, 15.0, 40.0)}
    total = replace(run.total, percentiles_ms={}, percentiles_in=moments)

    (found,) = judge(LocustFigures(replace(run, total=total)), [parse(text)], None)

    assert found.word == word
    assert "it is estimated at" in found.reason
    assert "surely between 15ms and 40ms" in found.reason


def call(*arguments: str | Path) -> Result:
    return CliRunner().invoke(cli, [*map(str, arguments)])


@pytest.mark.parametrize(("limit", "code"), [("300ms", 0), ("3ms", 1)])
def test_a_report_of_files_has_thresholds(files: Path, limit: str, code: int, tmp_path: Path) -> None:
    done = call("report", files, "--threshold", f"p95 < {limit}", "--out", tmp_path / "out")

    assert done.exit_code == code, done.output
    assert "it is 20ms" in done.output


def test_files_are_pinned_and_are_a_baseline_themselves(files: Path, tmp_path: Path) -> None:
    asked = ("--threshold", 'p95{endpoint="GET /a"} <= baseline * 1.1', "--out", tmp_path / "out")

    pinned = call("pin", files, tmp_path / "baseline.json")
    by_pin = call("report", files, "--baseline", tmp_path / "baseline.json", *asked)
    by_files = call("report", files, "--baseline", files, *asked)
    compared = call("compare", files, files, *asked)

    assert [one.exit_code for one in (pinned, by_pin, by_files, compared)] == [0, 0, 0, 0], by_files.output
    figures = json.loads((tmp_path / "baseline.json").read_text("utf-8"))["figures"]
    assert figures["ok_ratio"] == 0.75
    assert figures['p95{endpoint="GET /a"}'] == 20
    for done in (by_pin, by_files, compared):
        assert "it is 20ms, the baseline's 20ms" in done.output


@pytest.mark.parametrize("name", ["0.9.0", "0.14.6", "1.1", "2.47.0-full", "html-2.47.0"])
def test_files_of_every_version_have_a_p95_to_judge(name: str, tmp_path: Path) -> None:
    done = call("report", REAL / name, "--threshold", "p95 < 900s", "--out", tmp_path / "out")

    assert done.exit_code == 0, done.output


def test_a_baseline_that_is_none_is_a_usage_error(files: Path, tmp_path: Path) -> None:
    done = call("report", files, "--baseline", tmp_path / "nothing", "--threshold", "p95 <= baseline")

    assert done.exit_code == 2
    assert "nothing" in re.sub(r"\s+", " ", done.output)
