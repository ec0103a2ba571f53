"""A threshold: what a figure of the run has to be."""

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


@dataclass(frozen=True)
class Threshold:
    """As it was written; its `str` parses to the same again."""

    metric: str
    operator: str
    number: Decimal
    unit: str
    endpoint: str | None = None
    """Method and name, such as `GET /fetch`; None: all."""

    phase: str | None = None
    """None: the whole run."""

    @property
    def factor(self) -> Decimal:
        """From the number as written to the metric's own unit: ms, per second, share of 1, number."""
        return find(self.metric).kind.units[self.unit]

    @property
    def limit(self) -> float:
        """The number in the metric's own unit; 99.9% is the same float as 0.999 and as 999 / 1000."""
        return float(self.number * self.factor)

    def __str__(self) -> str:
        chosen = {"endpoint": self.endpoint, "phase": self.phase}
        labels = ", ".join(f"{key}={_quoted(value)}" for key, value in chosen.items() if value is not None)
        where = f"{{{labels}}}" if labels else ""
        return f"{self.metric}{where} {self.operator} {self.number:f}{self.unit}"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
