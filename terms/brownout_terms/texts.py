"""Names of others in our sentences and tables: on one line, of bounded length."""

from __future__ import annotations

from collections.abc import Sequence

LONGEST_NAME = 120
"""Letters of a name that are shown; a name can be 10 kB long."""

BRIEF = 30
"""Letters of a name in the head of a column."""


def short(name: str, longest: int = LONGEST_NAME) -> str:
    """Return a name on one line, cut in its middle if it is too long."""
    line = " ".join("".join(letter if letter.isprintable() else " " for letter in name).split())
    if len(line) <= longest:
        return line
    half = longest // 2
    return f"{line[:half]} … {line[-half // 2 :]} ({len(name):,} characters)"


def brief(names: Sequence[str]) -> list[str]:
    """Return names for the heads of columns: each cut in its middle, if they still differ then."""
    cut = [
        name if len(name) <= BRIEF else f"{name[: BRIEF // 2].rstrip()} … {name[-BRIEF // 3 :].lstrip()}"
        for name in map(short, names)
    ]
    return cut if len(set(cut)) == len(set(names)) else [short(name) for name in names]


def listed(names: Sequence[str], shown: int = 5) -> str:
    """Join names for a sentence: "a, b and c", "a, b and 7 more"."""
    if len(names) > shown:
        return f"{', '.join(names[: shown - 1])} and {len(names) - shown + 1:,} more"
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else list(names))
