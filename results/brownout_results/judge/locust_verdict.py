"""Locust's own verdict on a run, which its exit code tells: what its locustfile decided, or failed at."""

from __future__ import annotations

from typing import Any, NamedTuple

from brownout_results.read.exceptions import read_exceptions, told
from brownout_results.read.run_folder import Run

FAILED = 1
"""Exit code for exceptions, as Locust's, and for listeners that raise; Locust's 2 for these is an error of
usage here."""

ABORTED = "aborted"
"""How a run ended of which a condition of --abort held."""

LARGEST = 255


class LocustVerdict(NamedTuple):
    """Why Locust calls a run failed, and the exit code for it."""

    exit_code: int
    reason: str
    whose: str = "Locust's verdict"


def locust_verdict(run: Run) -> LocustVerdict | None:
    """Return Locust's verdict on the run; None if it finds nothing wrong.

    An exit code that a listener sets (`environment.process_exit_code`) is its word, whatever else there was.
    Failed requests are for thresholds to judge.
    """
    ending = run.manifest.get("locust") or {}
    if run.manifest.get("how_ended") == ABORTED:
        reason = str(run.manifest.get("ended_because") or "a condition held")
        return LocustVerdict(FAILED, reason, "ended early")
    chosen = ending.get("process_exit_code")
    if chosen is not None:
        reason = f"the locustfile set the exit code {chosen} (environment.process_exit_code)"
        return LocustVerdict(_as_exit_code(chosen), reason) if chosen else None
    exceptions = read_exceptions(run.folder)
    if exceptions:
        count = sum(one.occurrences for one in exceptions)
        return LocustVerdict(FAILED, f"{count:,} exception{'s' * (count != 1)} in tasks: {told(exceptions)}")
    if ending.get("listener_failed"):
        return LocustVerdict(FAILED, "a listener of Locust's events raised an exception; Locust's log has it")
    return None


def _as_exit_code(chosen: Any) -> int:
    """Return a code that a process can end with: the system keeps eight bits, and 256 would be 0."""
    is_possible = isinstance(chosen, int) and 0 < chosen <= LARGEST
    return int(chosen) if is_possible else FAILED
