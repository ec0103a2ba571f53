"""What a CI job is told of a report: its summary on the page, the verdict as an output of the step, and an
annotation for each limit that was missed."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from brownout_terms.variables import GITHUB_JOB, STEP_OUTPUT, STEP_SUMMARY

if TYPE_CHECKING:
    from brownout_results.judge.thresholds import ThresholdVerdict
    from brownout_results.report.runs import AnyRun


def append_step_summary(markdown: Path) -> None:
    """Append the text of a `summary.md` to the file that GITHUB_STEP_SUMMARY names. Raises OSError."""
    if page := os.environ.get(STEP_SUMMARY):
        with Path(page).open("a", encoding="utf-8") as file:
            file.write(f"{markdown.read_text('utf-8')}\n")


def append_step_output(word: str, *, passed: bool) -> None:
    """Append `verdict` and `passed` to the file that GITHUB_OUTPUT names. Raises OSError."""
    if outputs := os.environ.get(STEP_OUTPUT):
        with Path(outputs).open("a", encoding="utf-8") as file:
            file.write(f"verdict={word}\npassed={str(passed).lower()}\n")


def annotate(runs: Iterable[AnyRun], verdicts: Iterable[ThresholdVerdict]) -> None:
    """Print what GitHub shows as annotations of the job; nothing where no GitHub job runs."""
    if os.environ.get(GITHUB_JOB) == "true":
        for line in annotation_lines(runs, verdicts):
            print(line, flush=True)


def annotation_lines(runs: Iterable[AnyRun], verdicts: Iterable[ThresholdVerdict]) -> Iterator[str]:
    """Return a workflow command for each run that says nothing or ended early, and each missed threshold."""
    for run in runs:
        if reason := run.invalid:
            yield _command("error", "brownout: the run is invalid", f"{run.folder}: {reason}")
        elif own := run.locust_verdict:
            yield _command("error", f"brownout: {own.whose}", own.reason)
    for verdict in verdicts:
        if not verdict.passed:
            level = "error" if verdict.fails else "warning"
            of = f" of {verdict.run}" if verdict.run else ""
            title = f"brownout: threshold {verdict.word}{of}"
            yield _command(level, title, f"{verdict.threshold}: {verdict.reason}")


def _command(level: str, title: str, message: str) -> str:
    return f"::{level} title={_escaped(title, ':,')}::{_escaped(message)}"


def _escaped(text: str, more: str = "") -> str:
    """Write a text as workflow commands need it: the percent sign first, since it escapes the others."""
    for sign in f"%\r\n{more}":
        text = text.replace(sign, f"%{ord(sign):02X}")
    return text
