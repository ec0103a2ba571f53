"""An experiment beside a run's load: checked before anything starts, followed step by step, judged."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from brownout import experiment_arguments
from brownout.errors import LoadNotStartedError, PanelLostError, UsageError
from brownout.experiment_setup import SelectedExperiment
from brownout.panel_client import PanelClient
from brownout_chaos import verdict_file
from brownout_fleet.config import FleetConfig
from brownout_fleet.fleet_kinds import kind_of
from brownout_fleet.kind import load
from brownout_panel import panel_address
from brownout_terms import verdicts
from brownout_terms.exits import Exit
from brownout_terms.variables import NAMESPACE

START_S = 45.0
"""Time for the panel to start one: a process begins, for which the panel waits up to 30 s."""

LOST_S = 20.0
"""How long the panel may be out of reach while the load goes on. A load that ends, whoever ends it, takes its
panel with it, and that is no error: what it measured is there to be judged."""

LONGEST_DETAIL = 100

NOT_BEGUN = "it was stopped before it had begun"


def check_experiment(selected: SelectedExperiment, fleet: FleetConfig | None) -> None:
    """Check that the experiment can be run on this fleet, which may be none of ours. Raises UsageError."""
    from brownout_chaos.check import check_file
    from brownout_chaos.files import InvalidExperimentError

    started_here = fleet is not None and kind_of(fleet.kind).starts_services
    ready = fleet.replicas_by_service() if fleet and started_here else None
    try:
        check_file(selected.file, ready, cluster_of(fleet).get(NAMESPACE))
    except InvalidExperimentError as error:
        raise UsageError(str(error), selected.option) from None
    if wrong := experiment_arguments.complaint(selected.file.document):
        raise UsageError(f"{selected.file.path}: {wrong}", selected.option)


def check_panel_folder() -> None:
    """Check that the panel, which runs the experiment, can be found. Raises LoadNotStartedError."""
    try:
        panel_address.prepare()
    except OSError as error:
        raise LoadNotStartedError(
            "the panel runs the experiment, and its state folder can't be written: "
            f'"{panel_address.folder()}": {error.strerror}.\n\n'
            f"Name another one, as in: {panel_address.FOLDER_VARIABLE}=DIR brownout run …"
        ) from error


def cluster_of(fleet: FleetConfig | None) -> dict[str, str]:
    """Variables that lead an experiment's own actions, such as those of chaosk8s, to the fleet."""
    reference = kind_of(fleet.kind).experiment_variables if fleet else ""
    variables: dict[str, str] = load(reference)(fleet.settings) if fleet and reference else {}
    return variables


class Conductor:
    """Starts the experiment when the load runs, shows its steps, and ends the load after it."""

    def __init__(
        self, path: Path, console: Console, policy: str | None = None, lost_s: float = LOST_S
    ) -> None:
        """`policy` is set first, if one is named."""
        self._lost_s = lost_s
        self._path = path
        self._policy = policy
        self._console = console
        self._is_started = self._is_over = False
        self._shown: set[tuple[str, str, float]] = set()
        self._lost_at: float | None = None

    def __call__(self, panel: PanelClient | None) -> None:
        """Called each second of the load; `panel` is None until it is up. Raises BrownoutError."""
        if self._is_over:
            return
        try:
            if panel is None:
                raise PanelLostError("the control panel does not come up, or can't be found")
            self._conduct(panel)
        except PanelLostError:
            now = time.monotonic()
            self._lost_at = self._lost_at or now
            if now - self._lost_at >= self._lost_s:
                raise
        else:
            self._lost_at = None

    def _conduct(self, panel: PanelClient) -> None:
        if not self._is_started:
            if self._policy:
                panel.ask("PUT", "policy", {"preset": self._policy})
            panel.ask("POST", "experiments", {"file": str(self._path)}, START_S)
            self._is_started = True
            return
        experiment = panel.ask("GET", "state")["experiment"]
        for step in experiment["steps"]:
            self._show(step)
        if experiment["ended_at"] is not None:
            panel.ask("DELETE", "load")
            self._is_over = True

    def _show(self, step: dict[str, Any]) -> None:
        key = (step["part"], step["activity"], step["at"])
        if step["state"] == "started" or key in self._shown:
            return
        self._shown.add(key)
        detail = f"  {_short(step)}" if step["detail"] else ""
        line = f"{verdicts.STEPS[step['state']].sign} {step['part']:<18} {step['activity']}"
        self._console.print(Text.assemble(line, (detail, "dim")), soft_wrap=True)


def _short(step: dict[str, Any]) -> str:
    """What came of a step; of one that succeeded, the beginning: journal.json has the whole."""
    detail = str(step["detail"])
    if step["state"] != "succeeded" or len(detail) <= LONGEST_DETAIL:
        return detail
    return detail[: LONGEST_DETAIL - 1] + "…"


def settle(path: Path, folder: Path) -> None:
    """Leave a verdict for an experiment that ended before it could do so itself."""
    if verdict_file.read(folder) is None:
        verdict_file.write(folder, "aborted", NOT_BEGUN, None, str(path))


def judged(folder: Path, code: int, console: Console) -> int:
    """Print the experiment's verdict, and turn it with the run's own exit code into one.

    What interrupted the run, or made it invalid, counts first; then the experiment; then the thresholds.
    """
    verdict = verdict_file.read(folder) or {"word": "aborted", "reason": NOT_BEGUN}
    style = verdicts.EXPERIMENT[verdict["word"]]
    line = Text.assemble(
        (f"{style.sign} experiment {verdict['word']}: ", f"bold {style.hex}"), verdict["reason"]
    )
    console.print(line, soft_wrap=True)
    if code in (Exit.INTERRUPTED, Exit.INVALID):
        return code
    return code if style.exit is Exit.PASSED else style.exit
