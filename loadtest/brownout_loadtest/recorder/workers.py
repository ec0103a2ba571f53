"""Watches for workers that fall silent. Pure: times and reports come in, events to note come out.

What a dead worker had recorded and not sent is lost, to Locust's own totals as well: that is named, not
guessed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from brownout_results.record.timestamps import iso

SILENT_AFTER_S = 3.0
"""Three reports missed; Locust itself gives a worker up after four seconds without a heartbeat."""

SKEW_S = 1.0
"""A worker's clock further off than this puts its requests into the wrong seconds, which the user must
know."""


@dataclass(slots=True)
class WorkerRecord:
    """What is known of one worker in this run."""

    last_heard: float
    """When its last report came, or else when it connected; seconds since the epoch."""

    requests: int = 0
    state: str = "expected"
    """`expected` (connected, no report yet), `reporting`, `silent`, `finished` (it sent its last report)."""

    skewed: bool = False
    lost: int = 0
    """Requests of reports that did not come."""


class Workers:
    """The workers of a run."""

    def __init__(self) -> None:
        self._known: dict[str, WorkerRecord] = {}
        self._is_ending = False

    def expect(self, name: str, now: float) -> None:
        """A worker is connected, and should report from now on."""
        self._known.setdefault(name, WorkerRecord(now))

    def reported(
        self, name: str, now: float, *, clock: float, requests: int, idle: bool, sent: int = 0
    ) -> Iterator[dict[str, Any]]:
        """A report came at `now`, made at `clock` by the worker's time. Yields what there is to note.

        `sent` counts the requests of all reports up to this one; what did not come of them is lost.
        """
        worker = self._known.setdefault(name, WorkerRecord(now))
        worker.last_heard = now
        worker.requests += requests
        if idle and worker.state == "expected":
            return  # it has not begun yet
        before, worker.state = worker.state, "finished" if idle else "reporting"
        if worker.state != before:
            changed = "returned" if (before, worker.state) == ("silent", "reporting") else worker.state
            yield self._event(name, changed)
        if (lost := sent - worker.requests - worker.lost) > 0:
            worker.lost += lost
            yield {"worker": name, "state": "reports lost", "requests": lost}
        if abs(clock - now) > SKEW_S and not worker.skewed:
            worker.skewed = True
            yield {"worker": name, "state": "clock off", "by_s": round(clock - now, 3)}

    def ending(self) -> None:
        """The load has ended: who has not been silent until now is given the time to send its last report.

        That comes after its users are gone, which may take it longer than silence is allowed to last.
        """
        self._is_ending = True

    def check(self, now: float) -> Iterator[dict[str, Any]]:
        """Yields an event for each worker that has fallen silent."""
        if self._is_ending:
            return
        for name, worker in self._known.items():
            if worker.state in ("expected", "reporting") and now - worker.last_heard > SILENT_AFTER_S:
                worker.state = "silent"
                yield self._event(name, "silent")

    @property
    def all_finished(self) -> bool:
        """Nothing more is to come, but from workers that were silent when the load ended."""
        return all(worker.state in ("finished", "silent") for worker in self._known.values())

    def still_reporting(self, now: float) -> int:
        """How many workers go on reporting although the load has ended: their users did not stop."""
        if not self._is_ending:
            return 0
        reporting = [worker for worker in self._known.values() if worker.state == "reporting"]
        return sum(now - worker.last_heard <= SILENT_AFTER_S for worker in reporting)

    def unfinished(self) -> Iterator[dict[str, Any]]:
        """Yield an event for each worker whose last report never came, at the end of the run."""
        for name, worker in self._known.items():
            if worker.state != "finished":
                yield self._event(name, "unfinished")

    @property
    def lost(self) -> int:
        """Requests in reports that were sent and did not come."""
        return sum(worker.lost for worker in self._known.values())

    def summary(self) -> list[dict[str, Any]]:
        """Entries for run.json."""
        return [
            {"worker": name, "state": one.state, "last_heard": iso(one.last_heard), "requests": one.requests}
            for name, one in self._known.items()
        ]

    def _event(self, name: str, state: str) -> dict[str, Any]:
        worker = self._known[name]
        event: dict[str, Any] = {"worker": name, "state": state, "requests": worker.requests}
        if state in ("silent", "unfinished"):
            event["last_heard"] = iso(worker.last_heard)
            event["unknown"] = "what it recorded after that"
        return event
