"""The setting that a row of runs sweeps: the offered rate, the users, the policy, or another number. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from .document import Setting

FEWEST = 3
"""Values that make a sweep; two are a comparison."""

FIRST = ("load, arrival rate", "load, users", "users at most")
"""Settings that come before others."""

BY_NAME = ("policy",)
"""Settings whose values are names, which a sweep can be of too."""

NEVER = ("seed", "port", "pid", "time", "target", "run time s")
"""The last words of settings that set runs apart, and change nothing that one would sweep."""

MOST_LINES = 6
"""Values of a second setting that get a line each."""


@dataclass(frozen=True, kw_only=True)
class Sweep:
    """A setting with its value in each run, and what else tells the runs apart."""

    name: str
    values: Sequence[float | str]
    is_number: bool
    line_name: str = ""
    """The setting that has a line for each of its values; empty: there is one line."""

    lines: Sequence[str] = ()
    """Its value in each run; empty: there is one line."""


def swept(differing: Sequence[Setting], runs: int) -> Sweep | None:
    """Return the sweep that the runs are, by the settings in which they differ; None if they are none."""
    numbers = {one.name: found for one in differing if (found := _numbers(one)) and not _is_aside(one.name)}
    first = [name for name in FIRST if name in numbers]
    others = sorted((name for name in numbers if name not in FIRST), key=lambda one: -len(set(numbers[one])))
    for name in [*first, *others]:
        if len(set(numbers[name])) >= FEWEST:
            line_name, lines = _lines(differing, name, numbers[name])
            return Sweep(name=name, values=numbers[name], is_number=True, line_name=line_name, lines=lines)
    for one in differing:
        if one.name in BY_NAME and len(set(one.values)) >= FEWEST and len(one.values) == runs:
            return Sweep(name=one.name, values=list(one.values), is_number=False)
    return None


def _is_aside(name: str) -> bool:
    return any(name == word or name.endswith((f" {word}", f",{word}")) for word in NEVER)


def _numbers(setting: Setting) -> list[float]:
    """Return the values as numbers; empty if any is none."""
    try:
        found = [float(value) for value in setting.values]
    except ValueError:
        return []
    return found if all(map(math.isfinite, found)) else []


def _lines(
    differing: Sequence[Setting], swept_name: str, values: Sequence[float]
) -> tuple[str, Sequence[str]]:
    """Return the first other setting of few values that tells runs of one value apart, such as the policy."""
    for one in sorted(differing, key=lambda one: one.name not in BY_NAME):
        if one.name == swept_name or not 2 <= len(set(one.values)) <= MOST_LINES:
            continue
        pairs = list(zip(values, one.values, strict=True))
        if len(set(values)) < len(values) and len(set(pairs)) > len(set(values)):
            return one.name, list(one.values)
    return "", ()
