"""Numbers as programs and people write them: `1,200`, `1 200.5`, `23,4`, `20 ms`. Pure."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable

LARGEST = 1e15
"""Numbers from here on are no counts, no milliseconds and no bytes."""

NOTHING = {"", "n/a", "nan", "none", "null", "-", "inf", "-inf", "na"}
"""What stands for a number that is not known, in lower case."""

_GROUPED = re.compile(r"[+-]?\d{1,3}(?:([,'’ \u00a0\u202f])\d{3})(?:\1\d{3})*(?:\.\d+)?")
_DECIMAL = re.compile(r"[+-]?\d+,\d+(?:[eE][+-]?\d+)?")
_UNIT = re.compile(r"\s*ms$")


def number_of(cell: str, largest: float = LARGEST, *, has_decimal_commas: bool = False) -> float:
    """A number; NaN for `N/A`, for nothing, for what is none, and for what can't be.

    In `1,200` the comma is between thousands, unless the file has decimal commas.
    """
    try:
        number = float(cell)
    except ValueError:
        text = _UNIT.sub("", cell.strip())
        is_decimal = has_decimal_commas and _DECIMAL.fullmatch(text)
        if not is_decimal and (grouped := _GROUPED.fullmatch(text)):
            text = text.replace(grouped[1], "")
        elif _DECIMAL.fullmatch(text):
            text = text.replace(",", ".")
        try:
            number = float(text)
        except ValueError:
            return math.nan
    return number if abs(number) < largest else math.nan


def have_decimal_commas(cells: Iterable[str]) -> bool:
    """Whether a comma in one of these cells can only be that of a fraction."""
    return any(
        "," in cell and _DECIMAL.fullmatch(cell.strip()) and not _GROUPED.fullmatch(cell.strip())
        for cell in cells
    )
