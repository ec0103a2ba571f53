"""Replicas that stood still or gave no answer: that is the target's, unless others had no time either."""

from __future__ import annotations

from collections.abc import Iterator

from brownout_results.measure.phases import whole_seconds
from brownout_results.read.run_folder import Run
from brownout_terms.stalls import LONG_S

from .stalls import EVENT, SERVICE, HarnessStall, harness_events

TIMEOUT = "timeout"
"""Problem of a sample whose replica took the question, or had it wait, and did not answer."""

SILENT_S = 3
"""Seconds in a row without an answer from which on there is a word of it: one may be late."""


def target_stalls(run: Run) -> list[HarnessStall]:
    """Return the stalls that replicas have told, by their start: what users met in one is in every figure."""
    found = [
        HarnessStall(str(event.get("process", "")), since, since + event["seconds"], is_target=True)
        for event, since in harness_events(run, EVENT)
        if SERVICE in event and isinstance(event.get("seconds"), int | float)
    ]
    return sorted(found, key=lambda one: one.start)


def silences(run: Run) -> list[HarnessStall]:
    """Return when replicas did not answer when they were asked for their counters, by replica."""
    late = run.samples.where(run.samples.text("problem").is_in(TIMEOUT))
    names = late.text("replica")
    found = []
    for code, name in enumerate(names.names):
        seconds = sorted({*late.ints("second")[names.codes == code].tolist()})
        found += [
            HarnessStall(name, float(span.start), float(span.stop), is_target=True)
            for span in _in_a_row(seconds)
            if len(span) >= SILENT_S
        ]
    return found


def _in_a_row(seconds: list[int]) -> Iterator[range]:
    """Put consecutive seconds together."""
    start = 0
    for at, second in enumerate(seconds):
        if at + 1 == len(seconds) or seconds[at + 1] != second + 1:
            yield range(seconds[start], second + 1)
            start = at + 1


def replica_sentences(run: Run, others: list[HarnessStall]) -> Iterator[str]:
    """Tell which replicas stood still or were silent; `others`: when the machine or brownout had no time."""
    seconds = whole_seconds(run)
    told = [one for one in target_stalls(run) if one.within(seconds) >= LONG_S]
    for one in told:
        yield f"The replica {one.process} stood still for {one.seconds:.1f} s: {_whose(one, others)}."
    for one in silences(run):
        if one.within(seconds) >= SILENT_S and not any(_overlap(one, stall) for stall in told):
            yield (
                f"The replica {one.process} did not answer for {one.seconds:.0f} s when it was asked for its "
                f"counters: {_whose(one, others)}."
            )


def _whose(one: HarnessStall, others: list[HarnessStall]) -> str:
    if any(_overlap(one, other) for other in others):
        return "the machine or brownout had no time either, so that it can't be told whose doing that is"
    return "that is the target's, and in the figures"


def _overlap(one: HarnessStall, other: HarnessStall) -> bool:
    return other.start < one.end and one.start < other.end
