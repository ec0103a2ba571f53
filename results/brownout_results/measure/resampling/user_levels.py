"""Levels of the number of users: moments with the same level are like each other. Pure."""

from __future__ import annotations

import numpy as np

from .counts import Floats, Ints

APART = 1.3
"""Numbers of users of which one is so many times the other are different levels, if none lies between."""

WIDEST = 2.0
"""A level that spans a larger factor is a ramp, and is cut into steps of STEP."""

STEP = 1.5


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
    is_ramp = highest - lowest > np.log(WIDEST)
    step = np.where(is_ramp, np.floor((scaled - lowest) / np.log(STEP)), 0)
    label = 1 + np.unique(np.column_stack([group, step]), axis=0, return_inverse=True)[1].ravel()
    levels[known] = label[np.searchsorted(numbers, users[known])]
    return levels
