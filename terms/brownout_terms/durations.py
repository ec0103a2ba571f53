"""Durations: one parser and one writer, for every command, file and page."""

from __future__ import annotations

import re

from brownout_terms.texts import short

UNITS_S = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}

ALLOWED = "20, 2.5s, 500ms, 3m, 1h30m"
"""Examples of what can be typed."""

LONGEST_S = 366 * 24 * 3600.0
"""A longer duration is a slip of the finger; it would also overflow what others compute with it."""

_NUMBER = r"[0-9]{1,12}(?:\.[0-9]{1,12})?|\.[0-9]{1,12}"
_PARTS = re.compile(
    rf"(?:(?P<h>{_NUMBER})h)?\s*(?:(?P<m>{_NUMBER})m(?!s))?\s*(?:(?P<s>{_NUMBER})s)?\s*(?:(?P<ms>{_NUMBER})ms)?"
)


class DurationError(ValueError):
    """It is no duration; the message quotes it and says what is allowed."""


def parse_duration(text: str, unit: str = "s") -> float:
    """Return the seconds of a typed duration; a number alone is in `unit`.

    Takes `20`, `2.5s`, `500ms`, `3m`, `1h30m`, `1m 30s`. Raises DurationError for anything else, for a
    negative one, and for one of more than a year.
    """
    typed = text.strip()
    seconds = None
    if re.fullmatch(_NUMBER, typed):
        seconds = float(typed) * UNITS_S[unit]
    elif typed and (parts := _PARTS.fullmatch(typed)):
        seconds = sum(float(number) * UNITS_S[name] for name, number in parts.groupdict().items() if number)
    if seconds is None:
        raise DurationError(f'"{short(text)}" is not a duration; allowed: {ALLOWED}')
    if seconds > LONGEST_S:
        raise DurationError(f'"{short(text)}" is too long; allowed: at most {write_duration(LONGEST_S)}')
    return seconds


def write_duration(seconds: float) -> str:
    """Return a duration as it is read and can be typed: `200ms`, `2.5s`, `1m30s`, `2h`."""
    if seconds < 0:
        return f"-{write_duration(-seconds)}"
    if 0 < seconds < 1:
        return f"{seconds * 1000:.6g}ms"
    rounded = round(seconds, 3)
    hours, rest = divmod(rounded, 3600)
    minutes, rest = divmod(rest, 60)
    parts = [f"{int(hours)}h" if hours else "", f"{int(minutes)}m" if minutes else ""]
    if (rest := round(rest, 3)) or not any(parts):
        parts.append(f"{rest:g}s")
    return "".join(parts)
