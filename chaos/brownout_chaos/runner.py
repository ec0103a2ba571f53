"""Runs an experiment with Chaos Toolkit, and writes journal and verdict to the run folder."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from chaoslib.exceptions import ActivityFailed, ChaosException
from chaoslib.experiment import run_experiment

from brownout_chaos import control, panel_http, probes, verdict_file
from brownout_chaos.check import check_targets
from brownout_chaos.files import ExperimentFile
from brownout_chaos.kill_targets import services_of
from brownout_chaos.signal_handler import ControlMissingError, SignalHandler
from brownout_chaos.verdict import STEP_STATES, Evidence, Judgement, judge
from brownout_chaos.verdict_file import write_json

SETTINGS = {"runtime": {"rollbacks": {"strategy": "always"}}}
"""The engine's default skips the rollbacks after an interrupt."""

EXPERIMENT, JOURNAL = "experiment.json", "journal.json"
"""Files in the run folder, beside the verdict: what was run, and the engine's journal."""


def run(file: ExperimentFile, folder: Path) -> Judgement:
    """Run a checked experiment in the main thread.

    Raises InvalidExperimentError before anything is done, or ActivityFailed if there is no panel.
    """
    replicas = panel_http.replicas()
    ready = Counter(name for one in replicas if one["phase"] == "ready" for name in services_of(one))
    check_targets(file, ready if replicas else None)
    experiment = file.document
    write_json(folder / EXPERIMENT, experiment)
    _add_control(experiment)
    before = {one["name"]: one["uid"] for one in replicas}
    journal, failure = _run_engine(experiment)
    verdict = judge(journal, _evidence(before, failure))
    write_json(folder / JOURNAL, journal)
    verdict_file.write(folder, verdict.word, verdict.reason, experiment["title"], str(file.path))
    control.timeline.write(
        experiment["title"], STEP_STATES.get(verdict.word, "failed"), str(verdict), part="experiment"
    )
    return verdict


def _run_engine(experiment: dict[str, Any]) -> tuple[dict[str, Any] | None, str | None]:
    """Return the journal, or None and the reason if the engine never began."""
    handler = SignalHandler(control.timeline)
    handler.install()
    try:
        return run_experiment(experiment, settings=SETTINGS, event_handlers=[handler]), None
    except ControlMissingError:
        return None, None
    except ChaosException as error:
        return None, str(error)
    finally:
        handler.ignore()


def _add_control(experiment: dict[str, Any]) -> None:
    declared = experiment.setdefault("controls", [])
    if not any(one.get("provider", {}).get("module") == control.__name__ for one in declared):
        declared.append(dict(control.DECLARATION))


def _evidence(before: dict[str, str], failure: str | None) -> Evidence:
    after: dict[str, str] = {}
    injected: dict[int, int] = {}
    left, lost = None, failure or control.timeline.lost
    try:
        after = {one["name"]: one["uid"] for one in panel_http.replicas()}
        if probes.faults_active():
            left = "FAULTS ARE STILL THERE after the rollbacks"
        counts = panel_http.ask("GET", "faults")["injected"]
        injected = {int(revision): count for revision, count in counts.items()}
    except ActivityFailed as error:
        lost = lost or str(error)
    timeline = control.timeline
    return Evidence(timeline.reported_in, timeline.stop, lost, before, after, left, injected)
