"""Times as Locust's files and reports write them, in seconds since the epoch. Pure."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from datetime import UTC, datetime

DAY_S = 86_400.0

_CLOCK = re.compile(r"(\d{1,2}):(\d\d):(\d\d(?:\.\d+)?)\s*([AaPp])?\.?[Mm]?\.?")


def moment_of(text: str) -> float | None:
    """A date of ISO 8601, UTC unless it says otherwise; None if it is none."""
    try:
        moment = datetime.fromisoformat(text.strip().replace("/", "-"))
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None


def moments_of_clock(texts: Sequence[str], began: float | None) -> list[float]:
    """Times of a clock without a date, from the start's date on (1970 if that is not known), across midnight.

    NaN for what is none.
    """
    day = math.floor((began or 0.0) / DAY_S) * DAY_S
    found, last = [], (began or 0.0) - DAY_S / 2
    for text in texts:
        match = _CLOCK.fullmatch(text.strip())
        if match is None:
            found.append(math.nan)
            continue
        hours, half = int(match[1]), (match[4] or "").lower()
        hours = hours % 12 + 12 * (half == "p") if half else hours
        moment = day + hours * 3600 + int(match[2]) * 60 + float(match[3])
        while moment < last:
            moment += DAY_S
        found.append(moment)
        last = moment
    return found
