"""`latency.hlog`: HdrHistogram's interval log, one line a second, endpoint, outcome and measure.

The standard text format (version 1.3: tags, base64 of a compressed histogram), so that HdrHistogram's own
tools read it. Times are seconds since the epoch, values are microseconds, Interval_Max is in milliseconds.
The tag is `outcome|measure|METHOD|name`, each part percent-encoded: no comma, space or `|` is left in it.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple
from urllib.parse import quote, unquote

from .timestamps import iso

NAME = "latency.hlog"

TAG = "Tag="
"""What an interval begins with."""

LATENCY = "latency"
"""Time from the intended start of a request to its end: how long a user waits."""

SERVICE = "service"
"""Time from the real start of a request to its end: how long the service took."""

UNTIMED = "untimed"
"""Requests without a duration, each counted as if it had taken the least that a histogram holds."""

COUNTED = (LATENCY, UNTIMED)
"""Each request is in one of these series, once."""

_PLAIN = "/:?=&{}[]()+*@!$'~;<>."
"""Characters kept in a tag besides letters, digits and `_-`: names of endpoints contain them."""


class Series(NamedTuple):
    """What a line of the log is about."""

    outcome: str
    measure: str
    method: str
    name: str

    @property
    def tag(self) -> str:
        return _tag(self)

    @classmethod
    @lru_cache(maxsize=4096)  # a run has few tags, each on thousands of lines
    def of_tag(cls, tag: str) -> Series:
        """The series with this tag. Raises `ValueError` for a tag that is not one of ours."""
        parts = [unquote(part, errors="surrogatepass") for part in tag.split("|")]
        if len(parts) != len(cls._fields):
            raise ValueError(f"tag {tag!r} is not outcome|measure|METHOD|name")
        return cls(*parts)


@lru_cache(maxsize=4096)
def _tag(series: Series) -> str:
    return "|".join(quote(part, safe=_PLAIN, errors="surrogatepass") for part in series)


class LogLine(NamedTuple):
    """One interval: what was recorded of a series from `start` (seconds since the epoch) for `length_s`."""

    series: Series
    start: float
    length_s: float
    payload: str
    """The histogram, as `histogram_encoding.encode` makes it."""


def header(first_second: int) -> str:
    """The lines that a log begins with; `first_second` of the run, in seconds since the epoch.

    A whole one, since readers leave out intervals that begin before the StartTime.
    """
    return (
        "#[Histogram log format version 1.3]\n"
        f"#[StartTime: {first_second:.3f} (seconds since epoch), {iso(first_second)}]\n"
        "#[Values are microseconds; Interval_Max is milliseconds; tags are outcome|measure|METHOD|name]\n"
        '"StartTimestamp","Interval_Length","Interval_Max","Interval_Compressed_Histogram"\n'
    )


def text(line: LogLine, max_us: int) -> str:
    """The interval as a line of the log, newline included."""
    return f"{TAG}{line.series.tag},{line.start:.3f},{line.length_s:.3f},{max_us / 1000:.3f},{line.payload}\n"


def is_comment(line: str) -> bool:
    """Whether it is no interval, and nothing wrong with it: a comment, the legend, or an empty line."""
    return line.startswith(("#", '"')) or not line.strip()
