"""`summary.json`: what a report says, for programs.

Durations are in ms, rates per second, ratios are shares of 1. A figure that isn't known is left out.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from brownout_results.judge.experiment_verdict import ExperimentVerdict, verdict_on
from brownout_results.judge.thresholds import Verdict
from brownout_results.measure.figures import FIGURES
from brownout_results.measure.period import Period
from brownout_results.measure.validity import why_no_result
from brownout_results.read.locust_csv import LocustRun
from brownout_results.read.run_folder import Run

from .document import Document
from .locust_report import figures_of_summary
from .run_report import name_of
from .run_settings import policy_of

FORMAT = 1
"""Raised when a reader of the old format would read the new one wrongly."""


def summary(
    document: Document, runs: Sequence[Run | LocustRun], verdicts: Sequence[Verdict]
) -> dict[str, Any]:
    """The document of a report of these runs, the baseline first."""
    return {
        "format": FORMAT,
        "kind": "comparison" if document.tables else "run",
        "title": document.title,
        "made": document.made,
        "verdict": {"sentences": list(document.sentences), "word": document.tone or None},
        "passed": not any(verdict.fails for verdict in verdicts)
        and not any(map(why_no_result, runs))
        and (len(runs) > 1 or _experiment_passed(runs[0])),
        "runs": [_run(run) for run in runs],
        "thresholds": [_threshold(verdict) for verdict in verdicts],
        "notices": list(document.notices),
        "limits": list(document.limits),
    }


def _run(run: Run | LocustRun) -> dict[str, Any]:
    if isinstance(run, LocustRun):
        return figures_of_summary(run)
    whole = Period.of(run)
    return {
        "label": name_of(run),
        "folder": str(run.folder),
        "state": str(run.state),
        "started": run.manifest.get("started"),
        "seconds": len(run.seconds),
        "invalid": why_no_result(run),
        "policy": policy_of(run) or None,
        "experiment": _experiment(verdict_on(run)),
        "requests": whole.requests(),
        "outcomes": dict(whole.outcomes()),
        "figures": {
            figure.name: value
            for figure in FIGURES
            if (value := figure.measure(whole, None)) is not None and math.isfinite(value)
        },
    }


def _experiment_passed(run: Run | LocustRun) -> bool:
    verdict = verdict_on(run) if isinstance(run, Run) else None
    return verdict is None or verdict.passed


def _experiment(verdict: ExperimentVerdict | None) -> dict[str, Any] | None:
    return {"title": verdict.title, "word": verdict.word, "reason": verdict.reason} if verdict else None


def _threshold(verdict: Verdict) -> dict[str, Any]:
    return {
        "text": str(verdict.threshold),
        "run": verdict.run or None,
        "passed": verdict.passed,
        "told": not verdict.is_error,
        "report_only": verdict.threshold.report_only,
        "value": verdict.value,
        "reason": verdict.reason,
    }
