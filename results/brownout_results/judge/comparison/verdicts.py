"""The verdict on a difference: better, worse, equal, or which kind of not knowing it is."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import TypeVar

from brownout_terms.verdicts import COMPARISON, ComparisonWord

from .difference import Difference, Stance, Unknown, stance
from .shares import CONFIDENCE

Key = TypeVar("Key", bound=Hashable)

BETTER: ComparisonWord
WORSE: ComparisonWord
EQUAL: ComparisonWord
TOO_WIDE: ComparisonWord
TOO_FEW: ComparisonWord
NOT_IN_FILES: ComparisonWord
BETTER, WORSE, EQUAL, TOO_WIDE, TOO_FEW, NOT_IN_FILES = COMPARISON

JUDGED = (BETTER, WORSE, EQUAL)
UNKNOWN = (TOO_WIDE, TOO_FEW, NOT_IN_FILES)

MARGIN = 0.02
"""A smaller relative difference of rates and durations does not matter in practice."""

SHARE_MARGIN = 0.001
"""A smaller difference of shares does not matter either: one request in a thousand."""

TIME_MARGIN_S = 1.0
"""Recovery and detection are measured to the second."""

WEIGHTS = {"p95": 2.0, "availability": 1.5, "goodput": 0.8, "mean": 1.0, "p50": 0.5, "p99": 0.5}
"""What people look at first, and what each tells that the others don't: throughput is nearly goodput."""

OTHER_WEIGHT = 0.2

RESOLUTION = 1 / 1024
"""Two values in one bucket of a histogram differ by at most this share."""


def verdicts(
    family: Mapping[Key, Difference],
    is_good_up: Mapping[Key, bool | None],
    resolution: float = RESOLUTION,
    weights: Mapping[Key, float] | None = None,
) -> dict[Key, str]:
    """Return the verdict on each difference. A family is judged together, by Holm's method, so that the
    chance of any false alarm in it is 5 %. Empty if neither more nor less of a figure is better. `weights`:
    see `holm`."""
    told = {key: one.p for key, one in family.items() if one.p is not None and is_good_up[key] is not None}
    sure = holm(told, weights)
    return {
        key: _verdict(one, is_good_up[key], key in sure, margin_of(one, resolution))
        for key, one in family.items()
    }


def weight_of(figure: str) -> float:
    """Return how much of its family's error a figure may take, relative to the others."""
    return WEIGHTS.get(figure, OTHER_WEIGHT)


def holm(ps: Mapping[Key, float], weights: Mapping[Key, float] | None = None) -> set[Key]:
    """Return the keys of the differences larger than chance, all judged together (Holm 1979, also with
    weights that were set beforehand; equal ones by default)."""
    heavy = {key: weights[key] if weights else 1.0 for key in ps}
    found: set[Key] = set()
    left = sum(heavy.values())
    for key, p in sorted(ps.items(), key=lambda item: item[1] / heavy[item[0]]):
        if p * left > (1 - CONFIDENCE) * heavy[key] * (1 + 1e-12):
            break
        found.add(key)
        left -= heavy[key]
    return found


def margin_of(one: Difference, resolution: float = RESOLUTION) -> float:
    """Return what a difference has to exceed to matter: relative for ratios, otherwise absolute."""
    if one.is_log:
        return max(MARGIN, resolution)
    return {"%": SHARE_MARGIN, "s": TIME_MARGIN_S}.get(one.unit, 0.0)


def _verdict(one: Difference, is_good_up: bool | None, is_sure: bool, margin: float) -> str:
    if is_good_up is None or (one.before is None and one.after is None):
        return ""
    where = stance(one, margin)
    if where is Stance.UNTOLD:
        return TOO_FEW if one.lack is Unknown.FEW else NOT_IN_FILES
    if where is Stance.WITHIN:
        return EQUAL
    if where is Stance.ACROSS or not is_sure:
        return TOO_WIDE
    return BETTER if (where is Stance.ABOVE) == is_good_up else WORSE
