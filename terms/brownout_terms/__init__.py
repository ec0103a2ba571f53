"""The ground floor: the words, units and places that the rooms share. Imports nothing of ours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def document() -> dict[str, Any]:
    """Return the shared words as JSON for a page: each with its sign, the name of its colour, its pattern."""
    from brownout_terms import breakers, outcomes, styles, verdicts

    def shown(styled: Mapping[Any, styles.Style]) -> dict[str, dict[str, str]]:
        return {
            word: {"sign": one.sign, "colour": one.colour, "pattern": one.pattern}
            for word, one in styled.items()
        }

    return {
        "colours": styles.COLOURS,
        "outcomes": shown(outcomes.STYLES),
        "breakers": shown(breakers.STYLES),
        "experiments": shown(verdicts.EXPERIMENT),
        "steps": shown(verdicts.STEPS),
        "comparisons": shown(verdicts.COMPARISON),
    }
