"""What is told of the harness's part in a run."""

from __future__ import annotations

from collections.abc import Iterator

from brownout_results.measure.lateness import LATE_MS, lateness_p99_ms
from brownout_results.measure.phases import load_seconds, whole_seconds
from brownout_results.read.run_folder import Run
from brownout_terms.stalls import LONG_S

from .busy import unfair_seconds
from .replicas import replica_sentences
from .share import long_stalls, overlapping, stalled_share
from .stalls import (
    BESIDE,
    SUSPEND_EVENT,
    HarnessStall,
    harness_events,
    stalled_seconds,
    stalls,
    suspends,
    without,
)

BUSY_EVENT = "busy"

MOST_STALLED = 0.2
"""Share of the load's time that a part of brownout may stand still in stalls that are long; beyond, the load
was not the one asked for. Short ones come with a busy machine: their seconds are left out, no more."""

MOST_LEFT_OUT = 0.5
"""Share of the load's seconds that may be left out of the figures; beyond, what is left is no fair sample."""

WORTH_A_NOTICE = 0.25
"""Share of the load's seconds left out that is told, though no stall was long."""

BUSY_S = 2.0
"""So long must the machine have been busy for a notice: what takes a second may be the load's own start."""


def sentences(run: Run) -> list[str]:
    """Return what happened to the harness, if it is worth a notice, a sentence each."""
    told = [
        f"The {one.process} {'was gone' if one.is_gone else 'stalled'} for {one.seconds:.1f} s."
        for one in stalls(run)
        if one.seconds >= LONG_S
    ]
    told += [
        f"The machine was suspended for {event['seconds']:.1f} s."
        for event, _ in harness_events(run, SUSPEND_EVENT)
        if isinstance(event.get("seconds"), int | float)
    ]
    lost = overlapping(run, stalled_seconds(run))
    share = lost / max(len(load_seconds(run)), 1)
    if share > WORTH_A_NOTICE and not told:
        told = ["Parts of brownout stalled again and again: the machine was busy."]
    if told and lost:
        told.append(f"{lost} s ({share:.0%}) are the harness's, and in no figure of the service.")
    return [*told, *_short_of_time(run), *_of_replicas(run)]


def _of_replicas(run: Run) -> Iterator[str]:
    return replica_sentences(run, [*stalls(run), *suspends(run), *_busy_spells(run)])


def busy_s(run: Run) -> float:
    """Return for how long the machine was busy while there was load."""
    seconds = whole_seconds(run)
    return sum(max(spell.within(seconds), 0.0) for spell in _busy_spells(run))


def _busy_spells(run: Run) -> list[HarnessStall]:
    return [
        HarnessStall("", since, since + event["seconds"])
        for event, since in harness_events(run, BUSY_EVENT)
        if isinstance(event.get("seconds"), int | float)
    ]


def _short_of_time(run: Run) -> Iterator[str]:
    """Tell of what nothing stood still for: how much of the latency it is can't be said."""
    unfair = overlapping(run, without(unfair_seconds(run), stalled_seconds(run)))
    took = busy_s(run)
    if took >= BUSY_S:
        contains = "" if unfair else ", and latency contains such waits"
        yield (
            f"The machine was busy for {took:.0f} s: all that time some process waited for a core{contains}."
        )
    if unfair and (took >= BUSY_S or unfair > WORTH_A_NOTICE * len(load_seconds(run))):
        yield f"In {unfair} s brownout had too little time: their latency is in no percentile."
    late_ms = lateness_p99_ms(run.load)
    if late_ms is not None and late_ms > LATE_MS:
        yield (
            f"1 % of the arrivals started more than {late_ms:,.0f} ms late, which is the load generator's "
            "doing: their latency contains it."
        )


def why_too_much(run: Run) -> str | None:
    """Return why the harness had too large a part in the run; None if it hadn't."""
    seconds = load_seconds(run)
    left_out = overlapping(run, stalled_seconds(run)) / max(len(seconds), 1)
    if stalled_share(run) <= MOST_STALLED and left_out <= MOST_LEFT_OUT:
        return None
    long = [f"the {one.process} for {one.seconds:.1f} s" for one in long_stalls(run)]
    parts = sorted(_stalled_parts(run))
    who = ", ".join(long) or f"the {' and the '.join(parts)} again and again, since the machine was busy"
    what = "it was gone" if any(one.is_gone for one in long_stalls(run)) else "it stalled"
    return f"{left_out:.0%} of the run is the harness's, not the service's: {what} ({who})"


def _stalled_parts(run: Run) -> set[str]:
    rows = run.harness
    names = rows.text("replica").values(slice(None))
    short = zip(names, rows.floats("stalled_ms").tolist(), strict=True)
    return {part for part, ms in short if ms > 0 and part != BESIDE} | {one.process for one in stalls(run)}
