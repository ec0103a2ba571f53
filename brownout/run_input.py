"""Checks of what a run is given, before anything starts."""

from __future__ import annotations

import re
from pathlib import Path

from brownout.errors import UsageError

DEFAULT_OUT = Path("results/runs")
"""Where run folders go, below the working folder."""


def check_url(target: str | None) -> None:
    """Raises UsageError for a target that is no URL."""
    if target and not re.match(r"https?://[^/]", target):
        raise UsageError(f'"{target}" is not a URL such as http://127.0.0.1:8000', "--target")


def check_locustfile(path: Path) -> Path:
    """Return the path of a file of Python. Raises UsageError for one with a syntax error."""
    try:
        compile(path.read_bytes(), str(path), "exec", dont_inherit=True)
    except SyntaxError as error:
        text = f"\n\n    {error.text.strip()}" if error.text else ""
        raise UsageError(
            f'SyntaxError in line {error.lineno} of "{path}": {error.msg}{text}', "--locustfile"
        ) from error
    return path
