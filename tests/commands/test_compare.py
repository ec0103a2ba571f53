"""`brownout compare`, of run folders: thresholds, exit codes, and what it says of runs that say nothing."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from brownout.cli import cli
from tests.results.folders import make
from tests.results.report.runs import MANIFEST, eventful


def compare(*arguments: str | Path) -> Result:
    return CliRunner().invoke(cli, ["compare", *map(str, arguments)])


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A, B, and another A, in which every third request of the fault's time fails."""
    folder = tmp_path_factory.mktemp("runs")
    for name in ("a", "b", "a2"):
        eventful(folder / name, name[0])
    return folder


def test_a_threshold_is_about_every_run_but_the_baseline_and_says_which(runs: Path, tmp_path: Path) -> None:
    done = compare(runs / "a", runs / "b", runs / "a2", "--threshold", "p95 <= baseline", "--out", tmp_path)

    assert done.exit_code == 0, done.output
    assert re.findall(r"✓ held +(p95 <= baseline of \w) ", done.output) == [
        "p95 <= baseline of b",
        "p95 <= baseline of a",
    ]
    told = json.loads((tmp_path / "summary.json").read_text("utf-8"))["thresholds"]
    assert [one["run"] for one in told] == ["b", "a"]
    assert 'name="p95 &lt;= baseline of b"' in (tmp_path / "junit.xml").read_text("utf-8")
    assert "p95 &lt;= baseline of b" in (tmp_path / "report.html").read_text("utf-8")


def test_a_repeat_of_the_baseline_is_not_judged_against_it(runs: Path, tmp_path: Path) -> None:
    many = [runs / name for name in ("a", "b", "a2")]
    done = compare("--repeats", *many, "--threshold", "p95 < 1ms", "--out", tmp_path)

    assert done.exit_code == 1, done.output
    (told,) = json.loads((tmp_path / "summary.json").read_text("utf-8"))["thresholds"]
    assert (told["run"], told["passed"]) == (None, False)
    assert "✗ missed" in (tmp_path / "report.html").read_text("utf-8")


def test_a_comparison_with_an_invalid_run_says_nothing_and_says_so(runs: Path, tmp_path: Path) -> None:
    make(tmp_path / "empty", manifest=MANIFEST | {"label": "empty"})

    done = compare(runs / "a", tmp_path / "empty", "--anyway", "--out", tmp_path / "out")

    assert done.exit_code == 3
    assert done.output.startswith("empty is invalid, so this comparison says nothing about the target: ")
    assert json.loads((tmp_path / "out" / "summary.json").read_text("utf-8"))["verdict"]["word"] is None


def test_a_run_without_phases_is_told_how_to_get_some(tmp_path: Path) -> None:
    make(tmp_path / "run")

    done = compare(tmp_path / "run")

    assert done.exit_code == 2
    told = re.sub(r"\s+", " ", done.output)
    assert "this one has none" in told
    assert "--phase before=0..30 --phase after=30..60" in told


@pytest.mark.parametrize(
    ("words", "code"), [((), 0), (("worse",), 1), (("mixed", "worse"), 1), (("better",), 0)]
)
def test_a_comparison_fails_on_the_words_that_were_asked_for(
    words: tuple[str, ...], code: int, tmp_path: Path
) -> None:
    eventful(tmp_path / "good", "good", failing=0.0, slow_ms=60)
    eventful(tmp_path / "bad", "bad", failing=0.7, slow_ms=400)

    asked = [part for word in words for part in ("--fail-on", word)]
    done = compare(tmp_path / "good", tmp_path / "bad", *asked, "--out", tmp_path / "out")

    assert done.exit_code == code, done.output
    told = json.loads((tmp_path / "out" / "summary.json").read_text("utf-8"))
    assert (told["verdict"]["word"], told["failed_on"]) == ("worse", "worse" if code else None)
    assert told["passed"] is (code == 0)
    junit = (tmp_path / "out" / "junit.xml").read_text("utf-8")
    assert ('<failure message="worse: Compared with good, bad is worse in ' in junit) is (code == 1)
    assert "p99.9 of bad: too few (no slower request; 9,600 more requests would do)" in junit


def test_the_verdict_is_an_output_of_a_job_s_step(
    runs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outputs = tmp_path / "outputs"
    monkeypatch.setenv("GITHUB_OUTPUT", str(outputs))

    compare(runs / "a", runs / "b", "--out", tmp_path / "out")
    word = json.loads((tmp_path / "out" / "summary.json").read_text("utf-8"))["verdict"]["word"]
    compare(runs / "a", runs / "b", "--fail-on", word, "--out", tmp_path / "out")

    assert outputs.read_text() == f"verdict={word}\npassed=true\nverdict={word}\npassed=false\n"


def test_the_summary_is_appended_to_the_page_of_a_job(
    runs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = tmp_path / "job.md"
    page.write_text("before\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(page))

    done = compare(runs / "a", runs / "b", "--out", tmp_path / "out")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "no" / "such"))
    lost = compare(runs / "a", runs / "b", "--out", tmp_path / "out")

    assert done.exit_code == lost.exit_code == 0
    assert page.read_text("utf-8") == f"before\n{(tmp_path / 'out' / 'summary.md').read_text('utf-8')}\n"
    assert "GITHUB_STEP_SUMMARY can't be written" in lost.output
