"""Large changes of one endpoint or phase that the figures of all requests hide. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from .changes import MIXED, TAILS, Change, changes, kind_of, overall, told_first
from .sections import PHASE, Section
from .verdicts import BETTER, EQUAL, UNKNOWN, WORSE

LARGE = math.log(1.5)
"""A judged change of a part is told from this size on."""

LARGE_UNJUDGED = math.log(2)
"""One that was not judged: with so many parts, chance moves some."""

HIDDEN = 2.0
"""It is hidden if it is so many times as large as any change of its kind in all requests."""

FEWEST = 100
"""Requests that the part must have in both runs."""


@dataclass(frozen=True)
class LocalChange:
    """A change of the requests of one endpoint or phase."""

    part: str
    """As in a sentence: endpoint GET /fetch."""

    change: Change


def local_changes(found: Sequence[Section], side: int) -> list[LocalChange]:
    """Return the largest loss and the largest gain that only a part shows; `side` 0 is the first compared."""
    whole = changes(found[0].differences[side], found[0].verdicts[side])
    largest: dict[bool, LocalChange] = {}
    for section in found[1:]:
        if min(section.requests[0], section.requests[side + 1]) < FEWEST:
            continue
        for one in told_first(changes(section.differences[side], section.verdicts[side])):
            known = largest.get(one.is_gain)
            if _is_hidden(one, whole) and (known is None or one.size > known.change.size):
                what = "phase" if section.kind == PHASE else "endpoint"
                largest[one.is_gain] = LocalChange(f"{what} {section.name}", one)
    return [largest[is_gain] for is_gain in (False, True) if is_gain in largest]


def _is_hidden(one: Change, whole: Sequence[Change]) -> bool:
    if not one.is_judged and one.figure in TAILS:
        return False
    if one.size < (LARGE if one.is_judged else LARGE_UNJUDGED):
        return False
    seen = [
        other.size
        for other in whole
        if (kind_of(other.figure), other.is_gain) == (kind_of(one.figure), one.is_gain)
    ]
    return one.size >= HIDDEN * max(seen, default=0.0)


def word_of(found: Sequence[Section], *, has_other_failures: bool = False) -> str:
    """Return what a comparison comes to in one word, which no large change of a part contradicts either."""
    sides = list(zip(found[0].differences, found[0].verdicts, strict=True))
    word = overall(sides, has_other_failures=has_other_failures)
    if word in (MIXED, WORSE, ""):
        return word
    local = [one for side in range(len(sides)) for one in local_changes(found, side)]
    if any(found[0].gone) or (word in UNKNOWN and any(one.change.is_judged for one in local)):
        return MIXED
    contradicting = [one for one in local if word == EQUAL or not one.change.is_gain]
    return MIXED if contradicting and word in (BETTER, EQUAL) else word
