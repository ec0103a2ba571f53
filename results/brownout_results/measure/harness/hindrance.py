"""What kept the load from its rate, as far as the harness and its machine tell: the advice must fit it."""

from __future__ import annotations

from collections import defaultdict

from brownout_results.measure.phases import load_seconds, whole_seconds
from brownout_results.read.run_folder import Run

from .busy import MACHINE, figures_of
from .share import long_stalls
from .stalls import suspends
from .words import BUSY_S, busy_s

GENERATORS = ("load generator", "worker")
"""Beginnings of the names of those that send requests."""

FULL_MS = 800
"""Processor time in a second from which on a process has hardly any of its core left."""

OFTEN = 0.5
"""Share of the load's seconds in which it has to be so."""


def hindrance(run: Run) -> str | None:
    """Return what happened to brownout or its machine, with what to do where there is something; or None.

    A load generator that uses up its core makes the machine busy by itself, and is told first.
    """
    seconds = load_seconds(run)
    stalled: defaultdict[str, float] = defaultdict(float)
    for one in long_stalls(run):
        stalled[one.process] += one.within(whole_seconds(run))
    if stalled:
        return ", ".join(f"the {process} stalled for {length:.1f} s" for process, length in stalled.items())
    if any(one.within(whole_seconds(run)) > 0 for one in suspends(run)):
        return "the machine was suspended"
    used = figures_of(run, "cpu_ms", lambda part: part.startswith(GENERATORS))
    full = {second for second, _, ms in used if ms >= FULL_MS and second in seconds}
    if len(full) > OFTEN * len(seconds):
        return "the load generator has used up its core: --processes"
    took = busy_s(run)
    if took >= BUSY_S:
        return f"the {MACHINE} was busy for {took:.0f} s: end what else runs here, or make the load elsewhere"
    return None
