"""Times that a column of a file has as dates: day first, month first, am and pm, zones. Pure.

Which of two numbers is the day is told by the whole column. If it isn't, only the time of day is read.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone
from typing import NamedTuple

from .moments import moment_of, moments_of_clock

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
CENTURY = 2000
DAY_FIRST, MONTH_FIRST, YEAR_FIRST = (2, 1, 0), (2, 0, 1), (0, 1, 2)
"""Places of year, month and day among the three numbers of a date."""

_DATE = re.compile(
    r"(?:[A-Za-z]{3,9}[.,]*\s+)?(?P<a>\d{1,4})(?P<mark>[-/. ])\s?(?P<b>\d{1,2}|[A-Za-z]{3,9})\.?[-/. ]\s?"
    r"(?P<c>\d{4}|\d{2})"
    r"(?:[T,: ]\s*(?P<hour>\d{1,2}):(?P<minute>\d\d)(?::(?P<second>\d\d(?:[.,]\d+)?))?"
    r"\s*(?P<half>[AaPp])?(?(half)\.?[Mm]\.?))?\s*(?P<zone>Z|UTC|GMT|[+-]\d\d:?\d\d)?"
)


class _Date(NamedTuple):
    """The parts of a date, of which the order is not known yet."""

    numbers: tuple[int, int, int]
    order: tuple[int, int, int] | None
    """None: not told by this date alone."""

    time: timedelta
    zone: timezone


def moments_of(texts: Sequence[str], began: float | None = None) -> tuple[list[float], int | None]:
    """Seconds since the epoch, NaN for what is no time, and which text leaves open what its day is.

    With such a text, and where texts are times of day, moments count from the day of `began`, else of 1970.
    """
    dates = {text: _date(text) for text in set(texts)}
    known = [one for one in dates.values() if one]
    if not known:
        iso = {text: moment_of(_without_zone_word(text)) for text in dates}
        if not any(moment is not None for moment in iso.values()):
            return moments_of_clock(texts, began), None
        return [math.nan if (moment := iso[text]) is None else moment for text in texts], None
    order = _order(known)
    open_text = None if order else next(at for at, text in enumerate(texts) if dates[text])
    moments: dict[str, float] = {}
    for text, one in dates.items():
        iso_moment = None if one else moment_of(_without_zone_word(text))
        if one:
            moments[text] = _moment(one, order) if order or one.order else one.time.total_seconds()
        else:
            moments[text] = math.nan if iso_moment is None else iso_moment
    return [moments[text] for text in texts], open_text


def readings(text: str) -> list[str]:
    """Both dates, in ISO 8601, that a text may be."""
    one = _date(text)
    found = [_moment(one, order) for order in (DAY_FIRST, MONTH_FIRST)] if one else []
    return [f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%d}" for moment in found if math.isfinite(moment)]


def _date(text: str) -> _Date | None:
    match = _DATE.fullmatch(text.strip())
    if match is None:
        return None
    named = match["b"][:3].lower() in MONTHS
    if not named and not match["b"].isdigit():
        return None
    numbers = (int(match["a"]), MONTHS.index(match["b"][:3].lower()) + 1 if named else int(match["b"]))
    order = YEAR_FIRST if len(match["a"]) == 4 else DAY_FIRST if named or match["mark"] == "." else None
    hour = int(match["hour"] or 0)
    if half := (match["half"] or "").lower():
        hour = hour % 12 + 12 * (half == "p")
    seconds = float((match["second"] or "0").replace(",", "."))
    time = timedelta(hours=hour, minutes=int(match["minute"] or 0), seconds=seconds)
    return _Date((*numbers, int(match["c"])), order, time, _zone(match["zone"]))


def _zone(text: str | None) -> timezone:
    if not text or text[0] not in "+-":
        return UTC
    minutes = int(text[1:3]) * 60 + int(text[-2:])
    return timezone(timedelta(minutes=-minutes if text[0] == "-" else minutes))


def _order(known: Sequence[_Date]) -> tuple[int, int, int] | None:
    """Where the day is; None if both would do. A run is no longer than it must be."""
    undecided = [one for one in known if one.order is None]
    if not undecided:
        return DAY_FIRST
    spans = {}
    for order in (DAY_FIRST, MONTH_FIRST):
        moments = [_moment(one, order) for one in undecided]
        if all(map(math.isfinite, moments)):
            spans[order] = (max(moments) - min(moments), min(moments))
    if len(spans) == 2 and len(set(spans.values())) == 2 and spans[DAY_FIRST][0] == spans[MONTH_FIRST][0]:
        return None
    return min(spans, key=lambda order: spans[order]) if spans else DAY_FIRST


def _moment(one: _Date, order: tuple[int, int, int] | None) -> float:
    """Seconds since the epoch; NaN if there is no such day."""
    year, month, day = (one.numbers[place] for place in one.order or order or DAY_FIRST)
    try:
        start = datetime(year + CENTURY if year < 100 else year, month, day, tzinfo=one.zone)
        return (start + one.time).timestamp()
    except (ValueError, OverflowError):
        return math.nan


def _without_zone_word(text: str) -> str:
    return re.sub(r"\s*(?:UTC|GMT)$", "", text.strip())
