"""Thresholds in a file: one a line; `#` begins a comment; empty lines don't count."""

from __future__ import annotations

import re
from pathlib import Path

from .errors import ThresholdError
from .grammar import parse
from .threshold import Threshold

_COMMENT = re.compile(r'("(?:[^"\\]|\\.)*")|#.*')
"""Or a name in quotes, in which `#` is a letter like any other."""


def read_file(path: Path) -> list[Threshold]:
    """The thresholds in the file. Raises ThresholdError, which names the file and the line."""
    try:
        lines = path.read_text("utf-8-sig").splitlines()
    except OSError as error:
        raise ThresholdError(f'"{path}" can\'t be read: {error.strerror}.') from error
    except UnicodeDecodeError as error:
        raise ThresholdError(f'"{path}" is not text in UTF-8.') from error
    found = []
    for number, line in enumerate(lines, start=1):
        text = _COMMENT.sub(r"\1", line).strip()
        if not text:
            continue
        try:
            found.append(parse(text))
        except ThresholdError as error:
            raise ThresholdError(f"{path}, line {number}: {error}") from error
    if not found:
        raise ThresholdError(f'"{path}" contains no threshold, so nothing would be checked.')
    return found
