"""What a CI job is told of a report: its summary on the page, and the verdict as an output of the step."""

from __future__ import annotations

import os
from pathlib import Path

from brownout_terms.variables import STEP_OUTPUT, STEP_SUMMARY


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
