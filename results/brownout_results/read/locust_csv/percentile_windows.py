"""Whether percentiles in a history cover the last seconds or everything since the start. Pure.

Nothing in the file says so. Locust 0.13.3 to 1.1 wrote those of the last ten seconds; 1.2 to 2.2.1 those
since the start, whatever one asked for; newer ones those of the last ten seconds with --csv-full-history,
else those since the start. What shows the first kind is a maximum (100 %) below the maximum since the start.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from .run import Floats, steps_ms

OF_THE_MOMENT = {"G1", "G2"}
CUMULATIVE = {"G3"}


def are_cumulative(
    highest: Floats | None, highest_of_all: Floats, *, generation: str, has_endpoints: bool
) -> bool:
    """Whether they are of everything since the start, or nothing shows that they aren't. `highest` is the
    100 % of each row, `highest_of_all` the maximum since the start as the file has it beside."""
    if generation in OF_THE_MOMENT or (generation == "G5" and has_endpoints):
        return False
    return generation in CUMULATIVE or highest is None or not _is_lower(highest, highest_of_all)


def _is_lower(highest: Floats, highest_of_all: Floats) -> bool:
    known = (highest > 0) & (highest_of_all > 0)
    steps = steps_ms(highest_of_all[known])
    return bool((highest[known] < highest_of_all[known] - steps).any())


def known(percentiles: Mapping[float, Floats]) -> dict[float, Floats]:
    """Return percentiles without the zeros of rows in which no request ended."""
    if not percentiles:
        return {}
    nothing = np.all([~(values > 0) for values in percentiles.values()], axis=0)
    return {percent: np.where(nothing, np.nan, values) for percent, values in percentiles.items()}
