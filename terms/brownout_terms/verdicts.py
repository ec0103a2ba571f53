"""The words of a verdict: of an experiment, of a step of it, of a comparison, and of a threshold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from brownout_terms.exits import Exit
from brownout_terms.styles import Style


@dataclass(frozen=True)
class VerdictStyle(Style):
    """How a verdict on an experiment is shown, and what the command that ran it exits with."""

    exit: Exit = Exit.PASSED


ExperimentWord = Literal["passed", "deviated", "failed", "invalid", "aborted"]

EXPERIMENT: dict[ExperimentWord, VerdictStyle] = {
    "passed": VerdictStyle("✓", "ok", exit=Exit.PASSED),
    "deviated": VerdictStyle("✗", "error", exit=Exit.DEVIATED),
    "failed": VerdictStyle("✗", "error", exit=Exit.FAILED),
    "invalid": VerdictStyle("!", "fallback", exit=Exit.INVALID),
    "aborted": VerdictStyle("!", "fallback", exit=Exit.INTERRUPTED),
}

StepState = Literal["started", "succeeded", "failed", "aborted", "skipped"]

STEPS: dict[StepState, Style] = {
    "started": Style("…", "mark"),
    "succeeded": Style("✓", "ok"),
    "failed": Style("✗", "error"),
    "aborted": Style("!", "fallback"),
    "skipped": Style("·", "unknown"),
}
"""The states of one activity of an experiment."""


@dataclass(frozen=True)
class ComparedStyle(Style):
    """How a verdict on a difference is shown, when it is given, and what `--fail-on` it ends with."""

    meaning: str = ""
    exit: Exit = Exit.MISSED
    """What `brownout compare --fail-on WORD` exits with if the comparison comes to it."""


ComparisonWord = Literal["better", "worse", "equal", "too wide", "too few", "not in the files"]

COMPARISON: dict[ComparisonWord, ComparedStyle] = {
    "better": ComparedStyle("▲", "ok", meaning="the whole interval is on the better side, and it matters"),
    "worse": ComparedStyle("▼", "error", meaning="the whole interval is on the worse side, and it matters"),
    "equal": ComparedStyle("=", "unknown", meaning="the whole interval is too close to no change to matter"),
    "too wide": ComparedStyle("↔", "unknown", meaning="the interval leaves both, or neither, possible"),
    "too few": ComparedStyle("?", "unknown", meaning="too few seconds, requests or runs to tell an interval"),
    "not in the files": ComparedStyle("∅", "unknown", meaning="what it takes to tell is not in the files"),
}
"""The verdicts on one figure of two runs. The last three are kinds of not knowing, never "no difference"."""

OverallWord = ComparisonWord | Literal["mixed"]

_MIXED: dict[Literal["mixed"], ComparedStyle] = {
    "mixed": ComparedStyle("◆", "fallback", meaning="better in some, worse in others, judged or not")
}

OVERALL: dict[OverallWord, ComparedStyle] = COMPARISON | _MIXED
"""What the verdicts on all figures come to, in one word."""

ThresholdWord = Literal["held", "missed", "noted", "error"]

THRESHOLDS: dict[ThresholdWord, Style] = {
    "held": Style("✓", "ok"),
    "missed": Style("✗", "error"),
    "noted": Style("·", "fallback"),
    "error": Style("!", "error"),
}
"""What came of a threshold. `noted`: missed, but for the report only; `error`: it could not be evaluated."""
