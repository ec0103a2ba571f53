"""Who watches a recorder: the panel, and whoever else has to know a second when it is over."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

from brownout_panel.measures import RecordedSecond


class Observer(Protocol):
    """Told as it happens. Nothing here may raise or take long."""

    def event(self, event: dict[str, Any]) -> None:
        """A timeline event, also one between runs, which no file keeps."""

    def second(self, second: RecordedSecond) -> None:
        """A second of the run is over."""

    def run_started(self, folder: Path, label: str, at: float) -> None:
        """A run begins; `at` in seconds since the epoch."""

    def run_ended(self, at: float) -> None:
        """The run is over."""


class Observers(list[Observer]):
    """All of them, as one."""

    def event(self, event: dict[str, Any]) -> None:
        """Tell each."""
        for one in self:
            one.event(event)

    def second(self, second: RecordedSecond) -> None:
        """Tell each."""
        for one in self:
            one.second(second)

    def run_started(self, folder: Path, label: str, at: float) -> None:
        """Tell each."""
        for one in self:
            one.run_started(folder, label, at)

    def run_ended(self, at: float) -> None:
        """Tell each."""
        for one in self:
            one.run_ended(at)
