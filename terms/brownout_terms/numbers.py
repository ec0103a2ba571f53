"""Numbers as they are read: each figure with its unit."""

from __future__ import annotations

import math

from brownout_terms.shares import measured_share, share_difference

NONE = "–"
"""Stands in for a figure that is not known."""

NEVER = "never"

LEAST = 5e-4
"""What is smaller in its unit is shown as 0: three digits are shown."""


def amount(value: float | None, unit: str, *, signed: bool = False) -> str:
    """Write a figure with its unit: ms, s, /s, % (`value` is a share of 1), × or nothing.

    A signed figure is a difference, and a difference of shares is in percentage points. An infinite number of
    seconds is "never".
    """
    if value == math.inf and unit == "s" and not signed:
        return NEVER
    if value is None or not math.isfinite(value):
        return NONE
    if unit == "%":
        return share_difference(value) if signed else measured_share(value)
    if abs(value) < LEAST:
        value = 0.0
    sign = "+" if signed and value else ""
    is_whole = unit == "s" and value == round(value)  # what is known to the second shows no hundredths
    if unit == "ms" and abs(value) >= 10_000:
        value, unit = value / 1000, "s"
    number = f"{value:{sign}{',.0f' if is_whole else _precision(value)}}"
    return _minus({"/s": f"{number}/s", "×": f"{number}×", "": number}.get(unit, f"{number} {unit}"))


def percent(value: float | None) -> str:
    """Write a relative difference: 0.1 is +10.0 %."""
    if value is None or not math.isfinite(value):
        return NONE
    if abs(value) < LEAST:
        return "0 %"
    return _minus(f"{value * 100:+,.0f} %" if abs(value) >= 1 else f"{value * 100:+.1f} %")


def count(number: int) -> str:
    """Write a whole number with thousands separated."""
    return f"{number:,}"


def clock(seconds: float) -> str:
    """Write a time on a run's clock: 00:45, 1:05:00."""
    whole = max(round(seconds), 0)
    hours, rest = divmod(whole, 3600)
    minutes = f"{rest // 60:02d}:{rest % 60:02d}"
    return f"{hours}:{minutes}" if hours else minutes


def _precision(value: float) -> str:
    """Three significant digits, and no exponent."""
    size = abs(value)
    if size >= 100 or size == 0:
        return ",.0f"
    return ".1f" if size >= 10 else ".2f" if size >= 0.1 else ".3f"


def _minus(text: str) -> str:
    return text.replace("-", "−")
