"""Requests that are in no figure, since a part of brownout stood still when they ended."""

from __future__ import annotations

from brownout_results.measure.harness import overlapping, stalled_seconds
from brownout_results.measure.period import Period
from brownout_results.read.run_folder import Run
from brownout_terms.outcomes import OUTCOMES


def requests_left_out(run: Run) -> str | None:
    """Return how many requests, and which, are left out of the figures as the harness's; None if none is.

    Locust's own totals contain them: without this sentence the two would seem to contradict each other.
    """
    outcomes = Period.everything(run).outcomes() - Period.of(run).outcomes()
    if not outcomes.total():
        return None
    named = ", ".join(f"{outcomes[name]:,} {name}" for name in OUTCOMES if outcomes[name])
    seconds = overlapping(run, stalled_seconds(run))
    return f"Requests of {seconds} s in which brownout stalled, which are in no figure: {named}."
