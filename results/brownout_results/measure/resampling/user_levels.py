"""Levels of the number of users: moments with the same level are like each other. Pure."""

from __future__ import annotations

import numpy as np

from .counts import Floats, Ints

APART = 1.3
"""Numbers of users of which one is so many times the other are different levels, if none lies between."""

WIDEST = 1.3
"""A level that spans a larger factor is a ramp, and is cut into steps."""

STEP, SMALL_STEP = 1.5, 1.2
"""Factor of a step of a ramp, and that of one that spans no more than LONG."""

LONG = 4.0


def user_levels(users: Floats) -> Ints:
    """Return the level of each moment: 1, 2, … from the fewest users; 0 where their number is not known."""
    levels = np.zeros(len(users), np.int64)
    known = np.isfinite(users)
    numbers = np.unique(users[known])
    if not len(numbers):
        return levels
    scaled = np.log(np.maximum(numbers, 0.5))
    group = np.cumsum(np.concatenate([[False], np.diff(scaled) > np.log(APART)]))
    lowest = np.array([scaled[group == one].min() for one in group])
    highest = np.array([scaled[group == one].max() for one in group])
    span = highest - lowest
    width = np.where(span > np.log(LONG), np.log(STEP), np.log(SMALL_STEP))
    step = np.where(span > np.log(WIDEST), np.floor((scaled - lowest) / width), 0)
    label = 1 + np.unique(np.column_stack([group, step]), axis=0, return_inverse=True)[1].ravel()
    levels[known] = label[np.searchsorted(numbers, users[known])]
    return levels
