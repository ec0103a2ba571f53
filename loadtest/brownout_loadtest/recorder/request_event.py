"""Reads the arguments of Locust's `request` event, whatever a locustfile has put there.

Locust hands them on as they come, and its own statistics count a request whose duration is None, a Decimal or
not a number, and whose name is of any type. So do we.
"""

from __future__ import annotations

import hashlib
from math import inf

LONGEST_MS = 1e12
"""Longer durations count as this one, 30 years: larger sums fit into no message between processes."""

LONGEST_NAME = 500
"""Characters of a name or type that are kept: each second's lines in the run folder repeat them."""


def duration_ms(value: object) -> float | None:
    """Return a response time as a number; None if it is no duration: not a number, infinite or negative."""
    try:
        found = float(value)  # type: ignore[arg-type]  # of any type: that is what is tried
    except Exception:  # noqa: BLE001 - what a stranger's __float__ may raise
        return None
    return min(found, LONGEST_MS) if 0.0 <= found < inf else None


def text_of(value: object) -> str:
    """Return a name or type as text that every file takes, and different ones for different values."""
    if type(value) is not str:
        value = _written(value)
    if not value.isascii():
        value = value.encode("utf-8", "backslashreplace").decode()  # lone surrogates
    if len(value) > LONGEST_NAME:
        digest = hashlib.sha256(value.encode()).hexdigest()[:8]
        value = f"{value[:LONGEST_NAME]}… ({len(value):,} characters, {digest})"
    return value


def _written(value: object) -> str:
    try:
        return "".join(str(value))  # a plain one, also of a subclass of str
    except Exception:  # noqa: BLE001 - what a stranger's __str__ may raise
        return f"<{type(value).__name__}>"
