"""Ends the load when a condition of --abort has held long enough."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from brownout_loadtest.aborts import Abort, AbortWatch, parse_abort
from brownout_loadtest.controller import Controller
from brownout_loadtest.recorder import Recorder
from brownout_panel.measures import RecordedSecond


class AbortObserver:
    """Hands the recorder's seconds on."""

    def __init__(self, watch: AbortWatch) -> None:
        self._watch = watch

    def event(self, event: dict[str, Any]) -> None:
        """Nothing to do."""

    def second(self, second: RecordedSecond) -> None:
        """Look whether a condition holds."""
        self._watch.add(second)

    def run_started(self, folder: Path, label: str, at: float) -> None:  # noqa: ARG002 - an observer's
        """Count from here on."""
        self._watch.begin()

    def run_ended(self, at: float) -> None:
        """Nothing to do."""


def watch_for_aborts(texts: Sequence[str], controller: Controller, recorder: Recorder | None) -> None:
    """Watch for the conditions; without a recorder nobody knows what a second was like."""
    if not texts or recorder is None:
        return

    def end(abort: Abort, reason: str) -> None:
        controller.abort(abort.text, reason)

    recorder.observers.append(AbortObserver(AbortWatch([parse_abort(one) for one in texts], end)))
