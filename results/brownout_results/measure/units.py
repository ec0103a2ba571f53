"""Units of figures, and how a threshold writes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, eq=False)
class Unit:
    """Units of figures, and how a threshold writes them."""

    symbol: str
    """Symbol in tables; a value in % is a share of 1."""

    units: Mapping[str, Decimal]
    """Units allowed after a threshold's number, each with its factor to the figure's own unit."""

    rule: str
    """The units in a sentence, with an example of each."""


DURATION = Unit(
    "ms",
    {"us": Decimal("0.001"), "µs": Decimal("0.001"), "ms": Decimal(1), "s": Decimal(1000)},
    "a duration needs its unit: 300ms, 1.5s or 800us",
)
RATE = Unit("/s", {"/s": Decimal(1)}, "a rate needs its unit: 50/s")
RATIO = Unit("%", {"": Decimal(1), "%": Decimal("0.01")}, "a ratio is 0 to 1 or 0% to 100%: 0.99 or 99%")
NUMBER = Unit("", {"": Decimal(1)}, "a number has no unit: 100 or 1.5")
FACTOR = Unit("×", NUMBER.units, NUMBER.rule)
TIME = Unit("s", DURATION.units, DURATION.rule)
