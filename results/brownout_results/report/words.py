"""Numbers and verdicts as they are read: each figure with its unit, each verdict as a word with a sign."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from brownout_results.measure.figures import FIGURES

NONE = "–"
"""In place of a figure that there is none of."""

NEVER = "never"

LEAST = 5e-4
"""What is smaller in its unit is 0: three digits are shown."""

LONGEST_NAME = 120
"""Letters of a name that are shown; a name can be 10 kB long."""

BRIEF = 30

SIGNS = {"better": "▲", "worse": "▼", "no difference seen": "=", "too little data": "?"}
"""A sign for each verdict, so that colour is never the only one."""


def amount(value: float | None, unit: str, *, signed: bool = False) -> str:
    """A figure with its unit; `unit` is ms, s, /s, % (the value is a share of 1), × or nothing.

    A signed figure is a difference: one of shares is in percentage points. What takes infinitely many
    seconds never comes.
    """
    if value == math.inf and unit == "s" and not signed:
        return NEVER
    if value is None or not math.isfinite(value):
        return NONE
    if abs(value) < (LEAST / 10 if unit == "%" else LEAST):
        value = 0.0
    sign = "+" if signed and value else ""
    if unit == "%":
        text = f"{value * 100:{sign}.2f}"
        return _minus(f"{text} pp" if signed else f"{text} %")
    is_whole = unit == "s" and value == round(value)  # what is told to the second shows no hundredths
    if unit == "ms" and abs(value) >= 10_000:
        value, unit = value / 1000, "s"
    number = f"{value:{sign}{',.0f' if is_whole else _precision(value)}}"
    return _minus({"/s": f"{number}/s", "×": f"{number}×", "": number}.get(unit, f"{number} {unit}"))


def percent(value: float | None) -> str:
    """A relative difference: 0.1 is +10.0 %."""
    if value is None or not math.isfinite(value):
        return NONE
    if abs(value) < LEAST:
        return "0 %"
    return _minus(f"{value * 100:+,.0f} %" if abs(value) >= 1 else f"{value * 100:+.1f} %")


def count(number: int) -> str:
    """A whole number with thousands apart."""
    return f"{number:,}"


def clock(seconds: float) -> str:
    """A length of time as 1:05:00 or 00:45."""
    whole = max(round(seconds), 0)
    hours, rest = divmod(whole, 3600)
    minutes = f"{rest // 60:02d}:{rest % 60:02d}"
    return f"{hours}:{minutes}" if hours else minutes


def short(name: str, longest: int = LONGEST_NAME) -> str:
    """A name of any length, on one line, cut in its middle if it is too long."""
    line = " ".join("".join(letter if letter.isprintable() else " " for letter in name).split())
    if len(line) <= longest:
        return line
    half = longest // 2
    return f"{line[:half]} … {line[-half // 2 :]} ({len(name):,} characters)"


def brief(names: Sequence[str]) -> list[str]:
    """Names for the columns of a table: each cut in its middle, if they differ all the same."""
    cut = [
        name if len(name) <= BRIEF else f"{name[: BRIEF // 2].rstrip()} … {name[-BRIEF // 3 :].lstrip()}"
        for name in map(short, names)
    ]
    return cut if len(set(cut)) == len(set(names)) else [short(name) for name in names]


def listed(names: Sequence[str], shown: int = 5) -> str:
    """Names in a sentence: "a, b and c", "a, b and 7 more"."""
    if len(names) > shown:
        return f"{', '.join(names[: shown - 1])} and {len(names) - shown + 1:,} more"
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else list(names))


def meanings(names: Iterable[str]) -> list[tuple[str, str]]:
    """Those of the names that are figures, with what they mean, as a sentence's end."""
    asked = set(names)
    return [(figure.name, figure.meaning) for figure in FIGURES if figure.name in asked]


def _precision(value: float) -> str:
    """Three significant digits, and no exponent."""
    size = abs(value)
    if size >= 100 or size == 0:
        return ",.0f"
    return ".1f" if size >= 10 else ".2f" if size >= 0.1 else ".3f"


def _minus(text: str) -> str:
    return text.replace("-", "−")
