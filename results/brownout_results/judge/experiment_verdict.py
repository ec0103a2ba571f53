"""The verdict of the experiment that ran beside a load, as its runner left it in the run folder."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from brownout_results.read.run_folder import Run, RunState
from brownout_terms.verdicts import EXPERIMENT, ExperimentWord

NAME = "verdict.json"


@dataclass(frozen=True)
class ExperimentVerdict:
    """What an experiment has shown: one word, and the reason in a sentence."""

    word: ExperimentWord

    reason: str
    title: str | None
    """The experiment's; None if it was killed before it was read."""

    @property
    def passed(self) -> bool:
        """Nothing else is good enough."""
        return self.word == "passed"

    def __str__(self) -> str:
        return f"{EXPERIMENT[self.word].sign} {self.word}: {self.reason}"


def verdict_on(run: Run) -> ExperimentVerdict | None:
    """The verdict on a run; None as long as its experiment goes on. What stands there until then, aborted
    and without a title, is what holds if its runner is killed."""
    found = read_verdict(run.folder)
    is_begun = found is not None and found.word == "aborted" and found.title is None
    return None if is_begun and run.state is RunState.RUNNING else found


def read_verdict(folder: Path) -> ExperimentVerdict | None:
    """The verdict in a run folder; None if no experiment ran there, or the file holds something else."""
    try:
        document = json.loads((folder / NAME).read_text(encoding="utf-8"))
        word, reason = str(document["word"]), str(document["reason"])
        title = document.get("experiment")
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    known = next((one for one in EXPERIMENT if one == word), None)
    return ExperimentVerdict(known, reason, title) if known else None
