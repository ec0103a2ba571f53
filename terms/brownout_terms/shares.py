"""Shares, numbers from 0 to 1: one parser and one writer."""

from __future__ import annotations

import re

from brownout_terms.texts import short

ALLOWED = "0% to 100%, or 0 to 1, such as 30% or 0.3"

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
    """Return a share as it is read: `30 %`, `0.5 %`. As many digits as it has, six at most."""
    return f"{round(share * 100, 6):.6g} %"
