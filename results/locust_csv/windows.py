"""Whether the percentiles in a history are of their moment, or of everything since the start. Pure.

From 2.2.2 on they are of the moment only with --csv-full-history, and nothing in the file says so. What
tells: endpoints in the history (it is a full one), a maximum that falls, a median that is not the whole
run's.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from .model import Floats, step_ms

ALWAYS_OF_THE_MOMENT = {"G1", "G2", "G3"}
"""Versions that know no other percentiles in the history."""


def are_cumulative(
    percentiles: Mapping[float, Floats], medians: Floats, *, generation: str, has_endpoints: bool
) -> bool:
    """Whether they may be of everything since the start: unless it is shown that they are of the moment."""
    if has_endpoints or generation in ALWAYS_OF_THE_MOMENT:
        return False
    return not (_falls(percentiles.get(100.0)) or _differs(percentiles.get(50.0), medians))


def _falls(highest: Floats | None) -> bool:
    if highest is None:
        return False
    known = highest[highest > 0]
    return bool((np.diff(known) < 0).any())


def _differs(of_row: Floats | None, of_all: Floats) -> bool:
    if of_row is None:
        return False
    known = (of_row > 0) & (of_all > 0)
    steps = np.array([step_ms(value) for value in of_all[known]])
    return bool((np.abs(of_row[known] - of_all[known]) > 2 * steps).any())


def known(percentiles: Mapping[float, Floats]) -> dict[float, Floats]:
    """Without the zeros of rows in which no request ended: they are not 0 ms."""
    if not percentiles:
        return {}
    nothing = np.all([~(values > 0) for values in percentiles.values()], axis=0)
    return {percent: np.where(nothing, np.nan, values) for percent, values in percentiles.items()}
