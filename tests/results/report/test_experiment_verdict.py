"""The experiment's verdict in every file of a report; a failed rollback as loud as a failed action."""

import json
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from brownout_results.judge.experiment_verdict import read_verdict
from brownout_results.read import run_folder
from brownout_results.report.report_files import JUNIT, MARKDOWN, REPORT, SUMMARY, write
from brownout_results.report.run_report import report_of_run
from brownout_results.report.runs import FolderRun
from tests.results.report.runs import eventful

ROLLBACK = 'THE ROLLBACK "clear <b>" FAILED: unreachable (else: passed: held)'


def report(folder: Path, word: str, reason: str) -> dict[str, str]:
    """The report's files of a run with this verdict."""
    eventful(folder)
    document = {"word": word, "reason": reason, "experiment": "Users are served", "file": "x.json"}
    (folder / "verdict.json").write_text(json.dumps(document))
    run = run_folder.read(folder)
    write(folder, report_of_run(run, "now"), [FolderRun(run)], [])
    return {name: (folder / name).read_text() for name in (REPORT, SUMMARY, JUNIT, MARKDOWN)}


def case_of(junit: str) -> ET.Element:
    """The experiment's test case."""
    case = ET.fromstring(junit).find("testcase[@classname='brownout.experiment']")  # noqa: S314 - our own
    assert case is not None
    return case


@pytest.mark.parametrize(
    ("word", "kind"),
    [("deviated", "failure"), ("failed", "error"), ("invalid", "error"), ("aborted", "error")],
)
def test_one_that_did_not_pass_is_told_first_and_fails_the_run(tmp_path: Path, word: str, kind: str) -> None:
    files = report(tmp_path / "run", word, ROLLBACK)
    summary = json.loads(files[SUMMARY])
    assert not summary["passed"]
    assert summary["notices"][0] == f"THE EXPERIMENT IS {word.upper()}: {ROLLBACK}."
    assert summary["runs"][0]["experiment"] == {"title": "Users are served", "word": word, "reason": ROLLBACK}
    case = case_of(files[JUNIT])
    assert [(one.tag, one.get("message")) for one in case] == [(kind, f"{word}: {ROLLBACK}")]
    assert "THE ROLLBACK &#34;clear &lt;b&gt;&#34; FAILED" in files[REPORT]
    assert "THE ROLLBACK" in files[MARKDOWN]


def test_one_that_passed_is_told_and_passes_the_run(tmp_path: Path) -> None:
    files = report(tmp_path / "run", "passed", '"Served" held before and after')
    assert json.loads(files[SUMMARY])["passed"]
    assert "EXPERIMENT" not in files[REPORT]
    assert "✓ passed: &#34;Served&#34; held before and after" in files[REPORT]
    assert "✓ passed" in files[MARKDOWN]
    case = case_of(files[JUNIT])
    assert list(case) == []


@pytest.mark.parametrize("text", ["", "{", "[]", '{"word": "great", "reason": "x"}', '{"word": "passed"}'])
def test_what_is_no_verdict_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "verdict.json").write_text(text)
    assert read_verdict(tmp_path) is None
    assert read_verdict(tmp_path / "nothing") is None
