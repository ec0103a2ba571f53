"""`summary.json`: what a report says, for programs.

Durations are in ms, rates per second, ratios are shares of 1. A figure that isn't known is left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from brownout_results.judge.thresholds import ThresholdVerdict

from .document import Document
from .runs import AnyRun

FORMAT = 2
"""Increased when a reader of the old format would misread the new one."""


def summary(
    document: Document, runs: Sequence[AnyRun], verdicts: Sequence[ThresholdVerdict]
) -> dict[str, Any]:
    """The document of a report of these runs, the baseline first."""
    return {
        "format": FORMAT,
        "kind": "comparison" if document.tables else "run",
        "title": document.title,
        "made": document.made,
        "verdict": {"sentences": list(document.sentences), "word": document.tone or None},
        "failed_on": document.tone if document.fails else None,
        "passed": not document.fails
        and not any(verdict.fails for verdict in verdicts)
        and not any(run.invalid for run in runs)
        and (len(runs) > 1 or (_experiment_passed(runs[0]) and not runs[0].locust_verdict)),
        "runs": [run.summary() for run in runs],
        "differences": [dict(one) for one in document.differences],
        "thresholds": [_threshold(verdict) for verdict in verdicts],
        "notices": list(document.notices),
        "limits": list(document.limits),
    }


def _experiment_passed(run: AnyRun) -> bool:
    verdict = run.experiment
    return verdict is None or verdict.passed


def _threshold(verdict: ThresholdVerdict) -> dict[str, Any]:
    return {
        "text": str(verdict.threshold),
        "run": verdict.run or None,
        "passed": verdict.passed,
        "told": not verdict.is_error,
        "report_only": verdict.threshold.report_only,
        "value": verdict.value,
        "reason": verdict.reason,
    }
