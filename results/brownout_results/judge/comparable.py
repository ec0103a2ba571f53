"""Whether runs can be compared: what differs about them that would explain a difference of figures. Pure.

What isn't known of a run differs from nothing: a Locust CSV has no target, a run folder any percentile.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from brownout_results.measure.facts import FIELDS, Facts

SAME_LENGTH = 0.05
SAME_LENGTH_S = 3.0
"""Durations are the same if they differ by no more than this share or this many seconds."""


@dataclass(frozen=True)
class Differing:
    """A field in which runs differ, with the value of each run; "not known" where it isn't."""

    field: str
    values: Sequence[str]

    def __str__(self) -> str:
        return f"{self.field}: {' / '.join(self.values)}"


def differing(several: Sequence[Facts]) -> list[Differing]:
    """The fields in which any of the runs differs from the first that knows them."""
    found = []
    for field in FIELDS:
        known = [facts.texts.get(field) for facts in several]
        if field == "duration":
            lengths = [facts.duration_s for facts in several]
            off_s = 2 * max(facts.duration_off_s for facts in several)
            differs = _lengths_differ([length for length in lengths if length is not None], off_s)
            known = [None if length is None else f"{length:g} s" for length in lengths]
        elif field == "source" and all(facts.generations for facts in several):
            differs = not frozenset.intersection(*(facts.generations for facts in several))
        else:
            differs = len({text for text in known if text is not None}) > 1
        if differs:
            found.append(Differing(field, [text or "not known" for text in known]))
    return found


SWEPT = {"load", "users"}
"""What a sweep changes from run to run."""

FEWEST_SWEPT = 3


def is_sweep(found: Sequence[Differing]) -> bool:
    """Whether runs differ in nothing but how much load there was, which takes three values or more."""
    most = max((len(set(one.values)) for one in found), default=0)
    return {one.field for one in found} <= SWEPT and most >= FEWEST_SWEPT


def sweep_label(found: Sequence[Differing]) -> str:
    """Return what a report says of runs that are a sweep of the load."""
    return (
        "The runs are a sweep of the load: a difference in their figures comes from the load as well. "
        f"They differ in {'; '.join(map(str, found))}."
    )


def refusal(found: Sequence[Differing]) -> str:
    """Why runs are not compared, in words, and what to type to do it all the same."""
    told = "\n".join(f"  {one}" for one in found)
    return (
        f"These runs are not comparable; they differ in\n\n{told}\n\nTo compare them anyway, with a note "
        "in the report: --anyway"
    )


def label(found: Sequence[Differing]) -> str:
    """What a report says that compares them all the same."""
    return (
        "The runs were compared although they are not comparable, so a difference in their figures may "
        f"come from what sets them apart: {'; '.join(map(str, found))}."
    )


def _lengths_differ(lengths: Sequence[float], off_s: float) -> bool:
    return bool(lengths) and any(
        abs(length - lengths[0]) > max(SAME_LENGTH * max(length, lengths[0]), SAME_LENGTH_S) + off_s
        for length in lengths
    )
