"""What a number may be: one check and one sentence, for options, forms and documents."""

from __future__ import annotations

import math
from dataclasses import dataclass

from brownout_terms.texts import short


@dataclass(frozen=True)
class Bounds:
    """What a number may be, and an example. `unit` follows it in messages; `whole`: integers only."""

    low: float
    high: float
    example: float
    unit: str = ""
    whole: bool = False
    above: bool = False
    """`low` itself is not allowed; for bounds without an upper end."""

    def __str__(self) -> str:
        kind = f"a {'whole ' if self.whole else ''}number"
        unit = f" {self.unit}" if self.unit else ""
        if not math.isinf(self.high):
            return f"{kind} from {self.low:g} to {self.high:g}{unit}"
        return f"{kind} above {self.low:g}{unit}" if self.above else f"{kind} of {self.low:g}{unit} or more"

    def parse(self, text: object) -> float:
        """Return the number in `text`. Raises ValueError that says what is wrong and what is allowed."""
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
        return f'"{short(str(text))}" is not {self}, such as {self.example:g}'
