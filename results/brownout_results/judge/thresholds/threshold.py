"""A threshold: a limit for a figure of the run."""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from .metrics import find

OPERATORS: dict[str, Callable[[float, float], bool]] = {
    "<=": operator.le,
    ">=": operator.ge,
    "==": operator.eq,
    "<": operator.lt,
    ">": operator.gt,
}

BASELINE = "baseline"
REPORT_ONLY = "report-only"


@dataclass(frozen=True)
class Limit:
    """A number, or the baseline's figure, as it is or changed by a number."""

    number: Decimal
    unit: str = ""
    change: str | None = None
    """`*`, `+` or `-`: how the number changes the baseline's figure; None: the limit is absolute."""

    @property
    def is_relative(self) -> bool:
        """Whether it needs a baseline."""
        return self.change is not None

    def of(self, metric: str, baseline: float | None) -> float:
        """The limit in the metric's own unit: ms, per second, share of 1, number.

        99.9% is the same float as 0.999 and as 999 / 1000. `baseline` is None only if it is not relative.
        """
        own = self.number if self.change == "*" else self.number * find(metric).unit_kind.units[self.unit]
        if self.change is None or baseline is None:
            return float(own)
        if self.change == "*":
            return baseline * float(own)
        return baseline + (float(own) if self.change == "+" else -float(own))

    def __str__(self) -> str:
        number = f"{self.number:f}{self.unit}"
        if self.change == "*" and self.number == 1:
            return BASELINE
        return number if self.change is None else f"{BASELINE} {self.change} {number}"


@dataclass(frozen=True)
class Threshold:
    """A threshold as it was written; its `str` parses to the same again."""

    metric: str
    operator: str
    limits: tuple[Limit, ...]
    """The threshold holds if one of them is kept."""

    endpoint: str | None = None
    """Method and name, such as `GET /fetch`; None: all endpoints."""

    phase: str | None = None
    """None: the whole run."""

    report_only: bool = False
    """Whether it is only reported and decides nothing."""

    @property
    def is_relative(self) -> bool:
        """Whether it may need a baseline."""
        return any(limit.is_relative for limit in self.limits)

    @property
    def figure(self) -> str:
        """The metric with its labels."""
        return figure_text(self.metric, self.endpoint, self.phase)

    def __str__(self) -> str:
        before = f"{REPORT_ONLY} " if self.report_only else ""
        return f"{before}{self.figure} {self.operator} {' or '.join(map(str, self.limits))}"


def figure_text(metric: str, endpoint: str | None, phase: str | None) -> str:
    """Write a metric with its labels, as a threshold begins."""
    chosen = {"endpoint": endpoint, "phase": phase}
    labels = ", ".join(f"{key}={_quoted(value)}" for key, value in chosen.items() if value is not None)
    return f"{metric}{{{labels}}}" if labels else metric


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
