"""What the figures on a page mean."""

from __future__ import annotations

from collections.abc import Iterable

from brownout_results.measure.figures import FIGURES


def meanings(names: Iterable[str]) -> list[tuple[str, str]]:
    """Return name and meaning of those of the names that are figures."""
    asked = set(names)
    return [(figure.name, figure.meaning) for figure in FIGURES if figure.name in asked]
