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

ComparisonWord = Literal["better", "worse", "no difference seen", "too little data"]

COMPARISON: dict[ComparisonWord, Style] = {
    "better": Style("▲", "ok"),
    "worse": Style("▼", "error"),
    "no difference seen": Style("=", "unknown"),
    "too little data": Style("?", "unknown"),
}
"""The verdicts on one figure of two runs."""

ThresholdWord = Literal["held", "missed", "noted", "error"]

THRESHOLDS: dict[ThresholdWord, Style] = {
    "held": Style("✓", "ok"),
    "missed": Style("✗", "error"),
    "noted": Style("·", "fallback"),
    "error": Style("!", "error"),
}
"""What came of a threshold. `noted`: missed, but for the report only; `error`: it could not be evaluated."""
