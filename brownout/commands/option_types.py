"""Types of options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from brownout_terms.durations import DurationError, parse_duration


class Duration(click.ParamType[float]):
    """A duration, in seconds; the same spelling for every command."""

    name = "duration"

    def __init__(self, *, allow_zero: bool = False) -> None:
        """A duration of 0 is refused without `allow_zero`."""
        self._allow_zero = allow_zero

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Parse 90, 2.5s, 500ms, 3m, 1h30m."""
        if isinstance(value, float):
            return value
        try:
            seconds = parse_duration(str(value))
        except DurationError as error:
            self.fail(str(error), param, ctx)
        if seconds == 0 and not self._allow_zero:
            self.fail(f'"{value}" is too short; allowed: more than 0', param, ctx)
        return seconds


class PathOrDuration(click.ParamType["Path | float"]):
    """A path that exists, or else a duration."""

    name = "path|duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path | float:
        """Parse it."""
        if isinstance(value, float | Path):
            return value
        if Path(value).exists():
            return Path(value)
        try:
            seconds = parse_duration(str(value))
        except DurationError:
            seconds = 0.0
        if not seconds:
            self.fail(
                f'"{value}" is neither a file or folder that exists, nor a duration such as 10s', param, ctx
            )
        return seconds
