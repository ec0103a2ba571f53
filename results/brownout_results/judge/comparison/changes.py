"""Which changes between two runs are large, judged or not, and what all of them come to in one word. Pure.

Figures of different units are ranked by the factor that they changed by, as a logarithm: of rates and
durations it is their own; of shares it is the square root of the factor of the odds, so that 99 % → 90 %
counts as much as three times as long.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from brownout_results.measure.figures import FIGURES
from brownout_terms.verdicts import OverallWord

from .difference import Difference
from .verdicts import BETTER, EQUAL, NOT_IN_FILES, TOO_FEW, TOO_WIDE, UNKNOWN, WORSE, margin_of

MIXED: OverallWord = "mixed"

LARGE = math.log(1.2)
"""A change that was not judged is told from this size on: by a fifth."""

LARGE_SHARE = 0.02
"""And of shares from two percentage points on."""

TAILS = {"p99": math.log(1.5), "p99.9": math.log(2.0)}
"""Chance moves the tails further."""

FROM_NOTHING = math.log(1000)
"""Size of a change from 0 or to 0."""

NEVER = math.log(10)
"""Size of a change to never, or from it."""

LEAST_SHARE = 5e-3
"""Shares nearer to 0 or 1 than this are taken as this near: chance alone moves them by factors."""

NEAR = 0.8
"""A figure stands for its kind if its change is at least this part of the largest one's."""

KINDS = {
    "goodput": "rate",
    "throughput": "rate",
    "degraded availability": "availability",
    "mean": "latency",
    "p50": "usual latency",
}
"""Figures that move together; other percentiles are "latency", and all others are a kind of their own."""

ORDER = ("availability", "p95", "goodput", "p99", "mean", "p50", "p90", "p99.9", "throughput")
"""What stands for a kind where several figures changed as much."""

IS_GOOD_UP = {figure.name: figure.is_good_up for figure in FIGURES}


@dataclass(frozen=True)
class Change:
    """A figure that differs between two runs."""

    figure: str
    difference: Difference
    verdict: str
    is_gain: bool
    size: float
    """Logarithm of the factor; see the module."""

    @property
    def is_judged(self) -> bool:
        """Whether it is known to be no chance, and to matter."""
        return self.verdict in (BETTER, WORSE)

    @property
    def is_large(self) -> bool:
        """Whether it has to be told though nothing judges it."""
        one = self.difference
        if one.unit == "%" and one.absolute is not None and abs(one.absolute) < LARGE_SHARE:
            return False
        return self.size >= TAILS.get(self.figure, LARGE) and not _is_small(one)


def changes(differences: Mapping[str, Difference], verdicts: Mapping[str, str]) -> list[Change]:
    """Return what was judged better or worse, and what is large and was not judged; the largest first."""
    found = []
    for name, verdict in verdicts.items():
        one, is_good_up = differences[name], IS_GOOD_UP.get(name)
        if is_good_up is None or verdict in ("", EQUAL) or one.withheld:
            continue
        if one.before is None or one.after is None or one.before == one.after:
            continue
        change = Change(name, one, verdict, (one.after > one.before) == is_good_up, size_of(one))
        if change.is_judged or change.is_large:
            found.append(change)
    return sorted(found, key=lambda change: -change.size)


def size_of(one: Difference) -> float:
    """Return how large a difference is, in logarithms of a factor; 0 where no factor makes sense."""
    before, after = one.before, one.after
    if before is None or after is None or before == after:
        return 0.0
    if one.unit == "%":
        return abs(_odds(after) - _odds(before)) / 2
    if math.isinf(before) or math.isinf(after):
        return NEVER
    if one.unit == "s":
        return abs(math.log1p(max(after, 0)) - math.log1p(max(before, 0)))
    if min(before, after) > 0:
        return abs(math.log(after / before))
    return FROM_NOTHING if one.is_log or min(before, after) == 0 else 0.0


def kind_of(figure: str) -> str:
    """Return the kind of a figure: rate, availability, latency, usual latency, or its own name."""
    is_percentile = figure.startswith("p") and figure[1:2].isdigit()
    return KINDS.get(figure, "latency" if is_percentile else figure)


def is_latency(figure: str) -> bool:
    """Whether a figure is a duration of requests."""
    return kind_of(figure) in ("latency", "usual latency")


def told_first(those: Sequence[Change]) -> list[Change]:
    """Return one change of each kind, the largest kinds first, then the rest.

    What was not judged is left out where another figure of its kind was judged to have changed as much,
    unless that is the mean: it says little of percentiles.
    """
    kinds: dict[tuple[str, bool, bool], list[Change]] = {}
    for one in those:
        kinds.setdefault((kind_of(one.figure), one.is_gain, one.is_judged), []).append(one)
    for kind, is_gain, is_judged in list(kinds):
        known = [one for one in kinds.get((kind, is_gain, True), ()) if one.figure != "mean"]
        if not is_judged and known and known[0].size >= NEAR * kinds[kind, is_gain, False][0].size:
            del kinds[kind, is_gain, False]
    those = [one for kind in kinds.values() for one in kind]
    first = [
        min((one for one in kind if one.size >= NEAR * kind[0].size), key=lambda one: _place(one.figure))
        for kind in kinds.values()
    ]
    first.sort(key=lambda one: (-round(one.size, 2), _place(one.figure)))
    return [*first, *(one for one in those if one not in first)]


def overall(
    sides: Sequence[tuple[Mapping[str, Difference], Mapping[str, str]]], *, has_other_failures: bool = False
) -> str:
    """Combine the verdicts on figures of one or several runs; empty if there are none.

    No change that is large contradicts the word, judged or not. `has_other_failures`: requests fail for
    other reasons than before, which is neither a gain nor nothing.
    """
    found = [change for side in sides for change in changes(*side)]
    judged = {change.is_gain for change in found if change.is_judged}
    seen = {change.is_gain for change in found}
    if judged and len(seen) == 1 and not (has_other_failures and judged == {True}):
        return BETTER if judged == {True} else WORSE
    if judged or (has_other_failures and not found):
        return MIXED
    if found:
        return max(found, key=lambda change: change.size).verdict
    return _without_change(sides)


def _without_change(sides: Sequence[tuple[Mapping[str, Difference], Mapping[str, str]]]) -> str:
    told = [(name, one[name], word) for one, verdicts in sides for name, word in verdicts.items() if word]
    words = Counter(word for word, _ in {(word, kind_of(name)) for name, _, word in told})
    if not told:
        return ""
    equal = {kind_of(name) for name, _, word in told if word == EQUAL}
    left = {kind_of(name) for name, _, word in told if word != EQUAL} - equal
    if equal and len(equal) >= len(left) and all(_is_small(one) for _, one, word in told if word != EQUAL):
        return EQUAL
    return max((TOO_WIDE, TOO_FEW, NOT_IN_FILES), key=lambda word: words[word])


def is_known(verdict: str) -> bool:
    """Whether a verdict says something of the difference."""
    return bool(verdict) and verdict not in UNKNOWN


def _is_small(one: Difference) -> bool:
    """Whether the difference, known or not, is within the margin."""
    return one.drawn is not None and abs(one.drawn) <= margin_of(one)


def _odds(share: float) -> float:
    near = min(max(share, LEAST_SHARE), 1 - LEAST_SHARE)
    return math.log(near / (1 - near))


def _place(figure: str) -> int:
    return ORDER.index(figure) if figure in ORDER else len(ORDER)
