"""Shares, numbers from 0 to 1: one parser, one writer of what was typed, and one of what was measured."""

from __future__ import annotations

import re

from brownout_terms.texts import short

ALLOWED = "0% to 100%, or 0 to 1, such as 30% or 0.3"

MOST_DIGITS = 6
"""Digits behind the point of a percentage at most: one request in a hundred million."""

NOISE = 1e-12
"""A difference of shares below this is an error of rounding, not a difference."""

_SHARE = re.compile(r"(?P<number>[0-9]{1,15}(?:\.[0-9]{1,15})?|\.[0-9]{1,15})(?P<percent>\s*%)?")


class ShareError(ValueError):
    """It is no share; the message quotes it and says what is allowed."""


def parse_share(text: str) -> float:
    """Return the share that was typed: 0.3 for `30%`, `30 %` and `0.3`. Raises ShareError."""
    found = _SHARE.fullmatch(text.strip())
    share = float(found["number"]) / (100 if found["percent"] else 1) if found else -1.0
    if not 0 <= share <= 1:
        raise ShareError(f'"{short(text)}" is not a share; allowed: {ALLOWED}')
    return share


def write_share(share: float) -> str:
    """Return a share as it was typed: `30 %`, `0.5 %`. As many digits as it has, six at most."""
    written = f"{round(share * 100, 6):.6g}"
    return measured_share(share) if written in ("0", "100") and 0 < share < 1 else f"{written} %"


def measured_share(share: float, digits: int = 2) -> str:
    """Return a share that was counted: `82.50 %`.

    Only none is `0.00 %` and only all is `100.00 %`: one failure of 37,219 leaves `99.997 %`.
    """
    if not 0 < share < 1:
        return f"{share * 100:.{digits}f} %"
    for places in range(digits, MOST_DIGITS + 1):
        written = f"{share * 100:.{places}f}"
        if 0 < float(written) < 100:
            return f"{written} %"
    least = 10.0**-MOST_DIGITS
    return f"under {least:.{MOST_DIGITS}f} %" if share < 0.5 else f"over {100 - least:.{MOST_DIGITS}f} %"


def share_difference(difference: float, digits: int = 2) -> str:
    """Return a difference of shares in percentage points: `+17.50 pp`. Only none at all is `0.00 pp`."""
    if abs(difference) < NOISE:
        return f"{0:.{digits}f} pp"
    for places in range(digits, MOST_DIGITS + 1):
        written = f"{difference * 100:+.{places}f}"
        if float(written):
            return f"{written.replace('-', '−')} pp"
    return f"{'+' if difference > 0 else '−'}{10.0**-MOST_DIGITS:.{MOST_DIGITS}f} pp"
