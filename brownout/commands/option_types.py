"""Types of options that several commands share."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import click


class Time(click.ParamType[float]):
    """A time as Locust writes it, in seconds."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Parse 90, 90s, 3m, 1h30m."""
        total = seconds_of(str(value))
        if not total:
            self.fail(f'"{value}" is not a time; allowed: 20, 20s, 3m, 2h, 1h30m', param, ctx)
        return total


class PathOrTime(click.ParamType["Path | float"]):
    """A path that exists, or else a time."""

    name = "path|time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path | float:
        """Parse it."""
        if isinstance(value, float | Path):
            return value
        if Path(value).exists():
            return Path(value)
        seconds = seconds_of(str(value))
        if not seconds:
            self.fail(
                f'"{value}" is neither a file or folder that exists, nor a time such as 10s', param, ctx
            )
        return seconds


def seconds_of(text: str) -> float:
    """The seconds of 90, 90s, 3m, 1h30m; 0 for what is no time."""
    parts = re.fullmatch(r"(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s?)?", text)
    hours, minutes, seconds = (int(part or 0) for part in parts.groups()) if parts else (0, 0, 0)
    return float(hours * 3600 + minutes * 60 + seconds)
