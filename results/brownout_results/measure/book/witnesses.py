"""What each witness of a run says, read from its folder. None: the folder does not have it."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from brownout_results.measure.period import Period
from brownout_results.measure.users import asked_and_alive
from brownout_results.read.exceptions import read_exceptions
from brownout_results.read.failures import read_failures
from brownout_results.read.run_folder import Run
from brownout_results.record.timestamps import seconds_of

from .account import Statement

LOCUSTS_TOTALS = "locust_stats.csv"
LOCUSTS_FAILURES = "locust_failures.csv"
RESET = "--reset-stats"
AGGREGATED = "Aggregated"


def requests_of_locust(run: Run) -> Statement | None:
    """Count Locust's requests, unless its totals begin after the record: with --reset-stats they do."""
    return _total(run, "Request Count")


def requests_recorded(run: Run) -> Statement | None:
    """Count the requests in latency.hlog."""
    return Statement.exactly(Period.everything(run).requests())


def failures_of_locust(run: Run) -> Statement | None:
    """Count Locust's failures."""
    return _total(run, "Failure Count")


def failures_in_table(run: Run) -> Statement | None:
    """Add up Locust's table of failures."""
    if _is_reset(run):
        return None
    rows = _rows(run.folder / LOCUSTS_FAILURES)
    return None if rows is None else Statement.exactly(sum(_whole(row, "Occurrences") for row in rows))


def failures_recorded(run: Run) -> Statement | None:
    """Count the recorded requests whose outcome Locust counts as a failure.

    What a stranger's locustfile calls a fallback may count as one or not: that gives a range.
    """
    outcomes = Period.everything(run).outcomes()
    told = run.manifest.get("count_as_failure")
    if told is None:
        low = outcomes["error"] + outcomes["tunnel"]
        return Statement(low, low + outcomes["fallback"])
    return Statement.exactly(sum(outcomes[name.strip()] for name in str(told).split(",")))


def exceptions_of_locust(run: Run) -> Statement | None:
    """Take the count that Locust had when it quit."""
    told = run.manifest.get("locust")
    number = _number(told.get("exceptions")) if isinstance(told, dict) else None
    return None if number is None else Statement.exactly(number)


def exceptions_in_table(run: Run) -> Statement | None:
    """Add up Locust's table of exceptions."""
    raised = read_exceptions(run.folder)
    return None if raised is None else Statement.exactly(sum(one.occurrences for one in raised))


def not_ok(run: Run) -> Statement | None:
    """Count the recorded requests that were not ok."""
    outcomes = Period.everything(run).outcomes()
    return Statement.exactly(outcomes.total() - outcomes["ok"])


def causes(run: Run) -> Statement | None:
    """Add up causes.csv, which has a cause for each request that was not ok."""
    if not (run.folder / "causes.csv").is_file():
        return None
    return Statement.exactly(sum(failure.occurrences for failure in read_failures(run.folder)))


def arrivals_offered(run: Run) -> Statement | None:
    """Add up the arrivals that were due; None in closed loop, where nothing is offered but what starts."""
    if not (run.manifest.get("load") or {}).get("arrival_rate"):
        return None
    return Statement.exactly(int(run.load.ints("offered").sum()))


def arrivals_accounted_for(run: Run) -> Statement | None:
    """Add up the arrivals that started and those that were dropped."""
    if not (run.manifest.get("load") or {}).get("arrival_rate"):
        return None
    return Statement.exactly(int(run.load.ints("started").sum() + run.load.ints("dropped").sum()))


def users_asked(run: Run) -> Statement | None:
    """Add up the users that should have run in each second."""
    asked, _ = asked_and_alive(run.load)
    return Statement.exactly(int(asked.sum())) if len(asked) else None


def users_alive(run: Run) -> Statement | None:
    """Add up those that did; Locust may have one more than it was asked for, on its way out."""
    asked, alive = asked_and_alive(run.load)
    return Statement.exactly(int(np.minimum(asked, alive).sum())) if len(asked) else None


def seconds_passed(run: Run) -> Statement | None:
    """Measure from the start to the end of the record by the monotonic clock."""
    moments = {event.get("kind"): _number(event.get("mono")) for event in run.events}
    started, ended = moments.get("run-started"), moments.get("run-ended")
    return None if started is None or ended is None else Statement.exactly(round(ended - started, 1))


def seconds_of_manifest(run: Run) -> Statement | None:
    """Measure from the start to the end in run.json."""
    try:
        started, ended = seconds_of(run.manifest["started"]), seconds_of(run.manifest["ended"])
    except (KeyError, TypeError, ValueError):
        return None
    return Statement.exactly(round(ended - started, 1))


def seconds_recorded(run: Run) -> Statement | None:
    """Count the seconds that have a row in load.csv."""
    seconds = np.unique(run.load.ints("second"))
    return Statement.exactly(len(seconds)) if len(seconds) else None


def workers_expected(run: Run) -> Statement | None:
    """Count the workers that were there, or that joined, and a fleet process that is known to have ended."""
    number = len(_workers(run)) + _has_lost_fleet(run)
    return Statement.exactly(number) if number else None


def workers_finished(run: Run) -> Statement | None:
    """Count those whose last report came."""
    workers = _workers(run)
    finished = sum(one.get("state") == "finished" for one in workers)
    return Statement.exactly(finished) if workers or _has_lost_fleet(run) else None


def _has_lost_fleet(run: Run) -> bool:
    return bool(run.manifest.get("fleet_process"))


def _workers(run: Run) -> list[dict[str, Any]]:
    workers = run.manifest.get("workers")
    return [one for one in workers if isinstance(one, dict)] if isinstance(workers, list) else []


def _total(run: Run, column: str) -> Statement | None:
    rows = None if _is_reset(run) else _rows(run.folder / LOCUSTS_TOTALS)
    for row in rows or ():
        if row.get("Name") == AGGREGATED:
            return Statement.exactly(_whole(row, column))
    return None


def _is_reset(run: Run) -> bool:
    return RESET in (run.manifest.get("command") or ())


def _rows(path: Path) -> list[dict[str, str]] | None:
    try:
        with path.open(encoding="utf-8", errors="replace", newline="") as file:
            return list(csv.DictReader(file))
    except (OSError, csv.Error):
        return None


def _whole(row: Mapping[str, str], column: str) -> int:
    try:
        return int(row[column])
    except (KeyError, TypeError, ValueError):
        return 0


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) else None
