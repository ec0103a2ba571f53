"""The summary of a report in a CI job's page, where the job has one."""

from __future__ import annotations

import os
from pathlib import Path

from brownout_terms.variables import STEP_SUMMARY


def append_step_summary(markdown: Path) -> None:
    """Append the text of a `summary.md` to the file that GITHUB_STEP_SUMMARY names. Raises OSError."""
    if page := os.environ.get(STEP_SUMMARY):
        with Path(page).open("a", encoding="utf-8") as file:
            file.write(f"{markdown.read_text('utf-8')}\n")
