"""What went wrong in each run, side by side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from brownout_results.read.failure_shapes import like, shape_of_name, shapes
from brownout_results.read.failures import Failure
from brownout_terms.numbers import NONE, amount, count
from brownout_terms.texts import short

from .document import Cause

SHOWN = 30
"""Causes on the page; the download has as many as the run folders."""


@dataclass
class _Kind:
    """Failures of one shape: the first as it is, and what else they say."""

    first: Failure
    errors: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)
    counts: Counter[int] = field(default_factory=Counter)
    """Occurrences, by the run's number."""


def causes(runs: Sequence[tuple[Sequence[Failure], int]]) -> list[Cause]:
    """The rows of all runs' tables of failures, the most frequent first. A run is its table and how many
    requests it had. Failures of one shape are one row."""
    kinds: dict[tuple[str, str, str], _Kind] = {}
    shape = shapes(failure.error for failures, _ in runs for failure in failures)
    for number, (failures, _) in enumerate(runs):
        for failure in failures:
            key = (shape[failure.error], failure.method, shape_of_name(failure.name))
            kind = kinds.setdefault(key, _Kind(failure))
            kind.errors.add(failure.error)
            kind.names.add(failure.name)
            kind.counts[number] += failure.occurrences
    requests = [total for _, total in runs]
    most = sorted(
        kinds.values(), key=lambda kind: (-max(kind.counts.values()), kind.first.error, _where(kind))
    )
    return [_cause(kind, requests) for kind in most]


def _cause(kind: _Kind, requests: Sequence[int]) -> Cause:
    return Cause(
        cause=(short(kind.first.error) or NONE) + like(kind.first.error, kind.errors),
        where=(short(_where(kind)) or NONE) + like(kind.first.name, kind.names),
        counts=[count(kind.counts[number]) for number in range(len(requests))],
        shares=[
            amount(kind.counts[number] / total, "%") if total else NONE
            for number, total in enumerate(requests)
        ],
    )


def _where(kind: _Kind) -> str:
    return f"{kind.first.method} {kind.first.name}".strip()
