"""A shape's parameter: a dataclass field that knows its limits and becomes a Locust argument."""

from __future__ import annotations

import math
from dataclasses import Field, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Limits:
    """What a number may be, and an example of it. `unit` follows it in messages; `whole`: integers only."""

    low: float
    high: float
    example: float
    unit: str = ""
    whole: bool = False
    above: bool = False
    """`low` itself is not allowed; for limits without an upper end."""

    def __str__(self) -> str:
        kind = f"a {'whole ' if self.whole else ''}number"
        unit = f" {self.unit}" if self.unit else ""
        if not math.isinf(self.high):
            return f"{kind} from {self.low:g} to {self.high:g}{unit}"
        return f"{kind} above {self.low:g}{unit}" if self.above else f"{kind} of {self.low:g}{unit} or more"

    def parse(self, text: object) -> float:
        """The number in `text`; raises ValueError that says what is wrong and what is allowed."""
        try:
            value = float(str(text))
        except ValueError:
            raise ValueError(self._complaint(text)) from None
        low_enough = value > self.low if self.above else value >= self.low
        fits = math.isfinite(value) and low_enough and value <= self.high
        if not fits or (self.whole and value != int(value)):
            raise ValueError(self._complaint(text))
        return int(value) if self.whole else value

    def _complaint(self, text: object) -> str:
        return f'"{text}" is not {self}, such as {self.example:g}'


@dataclass(frozen=True)
class Parameter:
    """One argument of a shape, `--name-with-dashes` on the command line."""

    name: str
    default: float | None
    limits: Limits
    help: str


def parameter(default: float | None, limits: Limits, help: str) -> Any:  # noqa: A002 - argparse's word for it
    """A dataclass field with its limits; a default of None means: derived from the length of the run."""
    return field(default=default, metadata={"limits": limits, "help": help})


def describe(declared: Field[Any]) -> Parameter:
    """The parameter that a shape's dataclass field declares."""
    default: Any = declared.default
    return Parameter(declared.name, default, declared.metadata["limits"], declared.metadata["help"])


SECONDS = Limits(0, math.inf, 30, "s", above=True)
LEVEL = Limits(0, 1, 0.5)
