"""How many of the users asked for were alive, and what they raised."""

from __future__ import annotations

import numpy as np

from brownout_results.read.run_folder import LoadTable
from brownout_results.record.compact_arrays import Ints

from .units import NUMBER, RATIO

USERS_FIGURE = (
    "users_alive",
    "users that were alive of those asked for, in the second with the fewest",
    RATIO,
    "load.csv does not tell how many users were asked for",
)
"""Key, meaning and unit of the figure for thresholds, and why there may be none."""

EXCEPTIONS_FIGURE = (
    "exceptions",
    "exceptions that tasks raised, or users before their first task",
    NUMBER,
    "locust_exceptions.csv is missing, or only a part of the run is asked for",
)
"""The same of the exceptions."""

SETTLED_ROWS = 3
"""Rows after which a number of users that was asked for should be reached; workers report that late."""


def users_alive(rows: LoadTable) -> float | None:
    """The smallest share of the users asked for that ran in a second; None if nothing tells.

    Users that died are not replaced, so the seconds left out at the start of each number cost nothing.
    """
    asked, alive = asked_and_alive(rows)
    return float(min((alive / asked).min(), 1.0)) if len(asked) else None


def asked_and_alive(rows: LoadTable) -> tuple[Ints, Ints]:
    """Return the users asked for and those alive, of each second in which both should be the same."""
    known = rows.known("users_asked") & rows.known("users")
    asked, alive = rows.ints("users_asked")[known], rows.ints("users")[known]
    settled = np.zeros(len(asked), bool)
    settled[SETTLED_ROWS:] = asked[SETTLED_ROWS:] == asked[:-SETTLED_ROWS]
    settled[-1:] |= not settled.any()
    used = settled & (asked > 0)
    return asked[used], alive[used]
