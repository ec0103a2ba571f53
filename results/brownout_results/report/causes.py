"""What went wrong in each run, side by side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from brownout_results.read.failures import Failure
from brownout_terms.numbers import NONE, amount, count
from brownout_terms.texts import short

from .document import Cause

SHOWN = 30
"""Causes on the page; the download has as many as the run folders."""


def causes(runs: Sequence[tuple[Sequence[Failure], int]]) -> list[Cause]:
    """The rows of all runs' tables of failures, the most frequent first. A run is its table and how many
    requests it had."""
    counted: list[Counter[tuple[str, str]]] = []
    for failures, _ in runs:
        counts: Counter[tuple[str, str]] = Counter()
        for failure in failures:
            counts[failure.error, f"{failure.method} {failure.name}".strip()] += failure.occurrences
        counted.append(counts)
    keys = sorted({key for counts in counted for key in counts}, key=lambda key: (-_most(counted, key), key))
    return [
        Cause(
            cause=short(error) or NONE,
            where=short(where) or NONE,
            counts=[count(counts[error, where]) for counts in counted],
            shares=[
                amount(counts[error, where] / requests, "%") if requests else NONE
                for counts, (_, requests) in zip(counted, runs, strict=True)
            ],
        )
        for error, where in keys
    ]


def _most(counted: Sequence[Counter[tuple[str, str]]], key: tuple[str, str]) -> int:
    return max(counts[key] for counts in counted)
