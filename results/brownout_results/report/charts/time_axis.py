"""The axis of time that charts over time have."""

from __future__ import annotations

from typing import Any

from brownout_results.report.themes import CLEAR

from .style import axis_title, date

HOUR_S = 3600
DAY_S = 86_400
REQUESTS = "time since the first request"
FAULTS = "time, with the first faults aligned"


def time_axis(end: float, since: str = REQUESTS) -> dict[str, Any]:
    """Return the axis of a chart that lasts so many seconds; `since`: REQUESTS or FAULTS."""
    return {
        "type": "date",
        "range": [date(0), date(end)],
        "tickformat": _clock_format(end),
        "hoverformat": _clock_format(end),
        "nticks": 9,
        "ticks": "outside",
        "ticklen": 5,
        "tickcolor": CLEAR,
        "title": axis_title(f"{since}, {_clock_unit(end)}"),
    }


def _clock_format(end: float) -> str:
    if end > DAY_S:
        return "day %-j %H:%M:%S"
    return "%-H:%M:%S" if end >= HOUR_S else "%M:%S"


def _clock_unit(end: float) -> str:
    if end > DAY_S:
        return "days and h:min:s"
    return "h:min:s" if end >= HOUR_S else "min:s"
