"""Runs an experiment on the real engine, and leaves its journal and its verdict in the run's folder."""

from __future__ import annotations

import json
import os
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Any

from chaoslib.exceptions import ActivityFailed, ChaosException
from chaoslib.experiment import run_experiment

from chaos import control, panel_http, probes
from chaos.check import check
from chaos.interrupts import ControlMissingError, Interrupts
from chaos.verdict import STATES, Evidence, Verdict, judge

SETTINGS = {"runtime": {"rollbacks": {"strategy": "always"}}}
"""The engine's default skips the rollbacks after an interrupt."""

EXPERIMENT, JOURNAL, VERDICT = "experiment.json", "journal.json", "verdict.json"
"""In the run folder: what was run, what the engine says of it, and what we say."""


def run(path: Path, folder: Path) -> Verdict:
    """Run it in the main thread. Raises ExperimentError before anything was done, or ActivityFailed if there
    is no panel."""
    replicas = panel_http.replicas()
    ready = Counter(one["service"] for one in replicas if one["phase"] == "ready")
    experiment = check(path, ready if replicas else None)
    _write(folder / EXPERIMENT, experiment)
    _add_control(experiment)
    before = {one["name"]: one["uid"] for one in replicas}
    journal, failure = _run_engine(experiment)
    verdict = judge(journal, _evidence(before, failure))
    _write(folder / JOURNAL, journal)
    _write(folder / VERDICT, {**asdict(verdict), "experiment": experiment["title"], "file": str(path)})
    control.report.tell(
        experiment["title"], STATES.get(verdict.word, "failed"), str(verdict), part="experiment"
    )
    return verdict


def _run_engine(experiment: dict[str, Any]) -> tuple[dict[str, Any] | None, str | None]:
    """The journal; none, and why, if the engine never began."""
    interrupts = Interrupts(control.report)
    interrupts.install()
    try:
        return run_experiment(experiment, settings=SETTINGS, event_handlers=[interrupts]), None
    except ControlMissingError:
        return None, None
    except ChaosException as error:
        return None, str(error)
    finally:
        interrupts.over()


def _add_control(experiment: dict[str, Any]) -> None:
    declared = experiment.setdefault("controls", [])
    if not any(one.get("provider", {}).get("module") == control.__name__ for one in declared):
        declared.append(dict(control.DECLARATION))


def _evidence(before: dict[str, str], failure: str | None) -> Evidence:
    after: dict[str, str] = {}
    left, lost = None, failure or control.report.lost
    try:
        after = {one["name"]: one["uid"] for one in panel_http.replicas()}
        if probes.faults_active():
            left = "FAULTS ARE STILL THERE after the rollbacks"
    except ActivityFailed as error:
        lost = lost or str(error)
    report = control.report
    return Evidence(report.reported_in, report.stop, lost, before, after, left)


def _write(path: Path, document: Any) -> None:
    """At one stroke: a reader never sees half of it."""
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps(document, indent=2, default=str) + "\n", encoding="utf-8")
    os.replace(partial, path)
