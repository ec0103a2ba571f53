"""Whether a run is valid: a load that did not happen neither passes nor fails a threshold."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise
from math import sqrt
from typing import Any

from brownout_results.read.exceptions import read_exceptions, told
from brownout_results.read.failures import read_failures
from brownout_results.read.locust_csv import LocustRun
from brownout_results.read.run_folder import Run
from brownout_terms.limits import FORWARDER_LIMIT, LIMITS, REMEDIES
from brownout_terms.numbers import amount
from brownout_terms.outcomes import DEGRADED, FAILURES
from brownout_terms.shares import measured_share, write_share

from . import harness
from .book import AccountVerdict, book_of
from .lateness import is_open
from .period import Period

HELD = 0.99
"""The share of the requested arrivals that has to start in time."""

LIMITED = 0.01
"""The largest share of requests that may fail at a limit of the load generator's or the forwarder's."""

LATE_MS = 1000.0
"""An arrival later than this did not start in time: it counts in another row of load.csv than it should."""

MORE_USERS = "--users allows more requests at once"
MORE_PROCESSES = "the load generator is short of CPU: --processes"

POISSON_NOISE = 4
"""Standard deviations by which Poisson arrivals may fall short; 1 run in 30,000 does by chance."""

NOT_ANSWERED = {*FAILURES} - {*DEGRADED}
"""Outcomes that a request may have without an answer of the target."""

NO_ANSWER = {
    "connection refused",
    "connection reset",
    "no ready replica",
    "timeout",
    "tls failure",
    "tunnel",
    "unknown host",
}
"""Causes from users that judge answers."""

NO_ANSWER_EXCEPTIONS = {
    "BrokenPipeError",
    "ConnectTimeout",
    "ConnectTimeoutError",
    "ConnectionAbortedError",
    "ConnectionError",
    "ConnectionRefusedError",
    "ConnectionResetError",
    "ConnectionTimeoutError",
    "HTTPConnectionClosed",
    "MaxRetryError",
    "NewConnectionError",
    "OSError",
    "ProxyError",
    "ReadTimeout",
    "ReadTimeoutError",
    "RemoteDisconnected",
    "SSLError",
    "TimeoutError",
    "gaierror",
}
"""Exceptions of Locust's HTTP clients that mean the same, as other users leave them in the table."""


def why_invalid(run: Run) -> str | None:
    """Return why the run says nothing about its target; None if it does.

    Nothing was sent, the target never answered, or the offered rate was not held (open loop).
    """
    run = run.uncut or run
    whole = Period.everything(run)
    return _unsent(run, whole) or _limited(run, whole) or _unanswered(run, whole) or _not_held(run, whole)


def why_no_result(run: Run) -> str | None:
    """Return why the run's files cannot be trusted.

    The record is incomplete, the run is invalid, its book does not balance, or the harness stalled for long.
    """
    whole = run.uncut or run
    return (
        why_incomplete(run)
        or _limited(whole, Period.everything(whole))
        or harness.why_too_much(whole)  # what else is wrong then follows from it
        or why_invalid(run)
        or why_unbalanced(run)
    )


def why_unbalanced(run: Run) -> str | None:
    """Return the accounts of the book that are further off than their bounds; None if none is."""
    return (
        "; ".join(str(one) for one in book_of(run).unbalanced if one.verdict is AccountVerdict.INVALID)
        or None
    )


def why_incomplete(run: Run) -> str | None:
    """Why the folder of a run that is over does not hold all of it; None if it does.

    What is missing may be what went wrong: thresholds that hold for the rest say nothing.
    """
    run = run.uncut or run
    recorded, counted = Period.everything(run).requests(), run.manifest.get("requests")
    if not run.manifest and run.ended_by_itself is False:
        return "run.json is missing or damaged, so it isn't known whether the record is whole"
    if ended := run.manifest.get("fleet_process"):
        return f"the fleet process, through which the load goes, {ended} before the load was over"
    if run.ended_by_itself is False:
        return (
            f"the record breaks off after {len(run.seconds):,} s and {recorded:,} "
            f"request{'s' * (recorded != 1)}: "
            + str(run.manifest.get("cut_off_because") or "the load generator was killed, or the disk is full")
        )
    if lost := run.manifest.get("not_written"):
        return f"the disk was full: {', '.join(sorted(lost))} could not be written in full"
    if lost := run.manifest.get("lost_reports"):
        return f"reports of {lost:,} request{'s' * (lost != 1)} were lost between workers and their master"
    if unrecorded := run.manifest.get("unrecorded"):
        return f"the recorder failed, and lost {unrecorded:,} request{'s' * (unrecorded != 1)}"
    if counted is not None and counted != recorded:
        return f"the run had {counted:,} requests, and latency.hlog has {recorded:,} of them"
    return None


def why_files_invalid(run: LocustRun) -> str | None:
    """Return why Locust's own files say nothing about the target; None if they do.

    They do not say how many requests were meant to be sent.
    """
    if not run.total.requests:
        return "no request ended: the files count none"
    causes: Counter[str] = Counter()
    for failure in run.failures:
        causes[failure.error] += failure.occurrences
    if run.total.failed < run.total.requests or not (causes and all(map(_is_no_answer, causes))):
        return None
    return _no_answer(run.total.requests, causes)


def _limited(run: Run, whole: Period) -> str | None:
    """Too many requests failed at a limit of brownout's own to say anything of the rest."""
    causes: Counter[str] = Counter()
    for failure in read_failures(run.folder):
        if failure.error in (*LIMITS.values(), FORWARDER_LIMIT):
            causes[failure.error] += failure.occurrences
    requests = whole.requests()
    if causes.total() <= LIMITED * requests:
        return None
    (worst, _) = causes.most_common(1)[0]
    remedy = f" ({REMEDIES[worst]})" if worst in REMEDIES else ""
    share = measured_share(causes.total() / requests, 1).replace(" ", "")
    return f"{causes.total():,} of {requests:,} requests ({share}) failed at a limit: {worst}{remedy}"


def _unsent(run: Run, whole: Period) -> str | None:
    if whole.requests():
        return None
    if exceptions := read_exceptions(run.folder):
        return f"nothing was sent: {told(exceptions)}"
    started = int(run.load.ints("started").sum())
    if started:
        return f"the target never answered: {started:,} requests started, none had ended when the load did"
    if whole.dropped:
        return f"nothing was sent: all of the {whole.dropped:,} arrivals found every user busy"
    if len(run.load) and not run.load.ints("users").any():
        return (
            "nothing was sent: no user was ever alive; they ended before they sent anything, or could not be "
            "made, and Locust's log says why"
        )
    return "nothing was sent, or no request had ended when the load did: the run folder contains none"


def _unanswered(run: Run, whole: Period) -> str | None:
    outcomes = whole.outcomes()
    if set(outcomes) - NOT_ANSWERED:
        return None
    causes: Counter[str] = Counter()
    for failure in read_failures(run.folder):
        causes[failure.error] += failure.occurrences
    if outcomes["error"] and not (causes and all(map(_is_no_answer, causes))):
        return None
    return _no_answer(outcomes.total(), causes)


def _no_answer(requests: int, causes: Counter[str]) -> str:
    named = ", ".join(f"{count:,} × {cause}" for cause, count in causes.most_common(3))
    return f"the target never answered any of {requests:,} requests: {named or 'tunnel'}"


def _is_no_answer(error: str) -> bool:
    exception = re.split(r"\W", error, maxsplit=1)[0]
    return error in NO_ANSWER or exception in NO_ANSWER_EXCEPTIONS


def _not_held(run: Run, whole: Period) -> str | None:
    if not is_open(run.load):
        return None
    asked = max(_asked(run.manifest), whole.offered)
    started = run.load.ints("started")
    late = int(started[run.load.floats("lateness_p50_ms") > LATE_MS].sum())
    in_time = int(started.sum()) - late
    if in_time >= HELD * asked:
        return None
    why = harness.hindrance(run)
    reasons = (
        (whole.dropped or 0, f"found every user busy ({f'{why}; else ' if why else ''}{MORE_USERS})"),
        (late, f"started over 1 s late ({why or MORE_PROCESSES})"),
        (
            asked - whole.offered,
            f"never came up ({why or 'a worker was lost, or the load generator stopped'})",
        ),
    )
    told = "; ".join(f"{count:,} {reason}" for count, reason in reasons if count)
    return (
        f"the offered rate was not held: of {asked:,} arrivals asked for, "
        f"{in_time:,} ({amount(in_time / asked, '%')}) started in time, fewer than {write_share(HELD)}"
        + (f"; {told}" if told else "")
    )


def _asked(manifest: Mapping[str, Any]) -> int:
    """How many arrivals the settings ask for at least; 0 if the run did not last as long as it should."""
    load = manifest.get("load") or {}
    rate, run_time_s = load.get("arrival_rate"), load.get("run_time_s")
    if manifest.get("how_ended") != "completed" or not rate or not run_time_s:
        return 0
    expected: float = rate * _area(load.get("polyline") or [(0.0, 1.0)], run_time_s)
    noise = POISSON_NOISE * sqrt(expected) if load.get("arrivals") == "poisson" else 0.0
    return max(round(expected - noise), 0)


def _area(line: Sequence[Sequence[float]], end: float) -> float:
    """The integral from 0 to `end` of a line of straight pieces (points (second, level)) whose last level
    stays."""
    total = 0.0
    for (start, low), (stop, high) in pairwise([*line, (max(end, line[-1][0]), line[-1][1])]):
        width = min(stop, end) - start
        if width > 0:
            total += width * (low + (high - low) * width / (stop - start) / 2)
    return total
