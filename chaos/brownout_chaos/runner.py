"""Runs an experiment on the real engine, and leaves its journal and its verdict in the run's folder."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from chaoslib.exceptions import ActivityFailed, ChaosException
from chaoslib.experiment import run_experiment

from brownout_chaos import control, panel_http, probes, verdict_file
from brownout_chaos.check import check_targets
from brownout_chaos.files import ExperimentFile
from brownout_chaos.interrupts import ControlMissingError, Interrupts
from brownout_chaos.verdict import STEP_STATES, Evidence, Verdict, judge
from brownout_chaos.verdict_file import replace

SETTINGS = {"runtime": {"rollbacks": {"strategy": "always"}}}
"""The engine's default skips the rollbacks after an interrupt."""

EXPERIMENT, JOURNAL = "experiment.json", "journal.json"
"""In the run folder, beside the verdict: what was run, and what the engine says of it."""


def run(file: ExperimentFile, folder: Path) -> Verdict:
    """Run a checked experiment in the main thread.

    Raises ExperimentError before anything was done, or ActivityFailed if there is no panel.
    """
    replicas = panel_http.replicas()
    ready = Counter(one["service"] for one in replicas if one["phase"] == "ready")
    check_targets(file, ready if replicas else None)
    experiment = file.document
    replace(folder / EXPERIMENT, experiment)
    _add_control(experiment)
    before = {one["name"]: one["uid"] for one in replicas}
    journal, failure = _run_engine(experiment)
    verdict = judge(journal, _evidence(before, failure))
    replace(folder / JOURNAL, journal)
    verdict_file.write(folder, verdict.word, verdict.reason, experiment["title"], str(file.path))
    control.report.tell(
        experiment["title"], STEP_STATES.get(verdict.word, "failed"), str(verdict), part="experiment"
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
