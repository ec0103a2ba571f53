"""How much more data a figure's interval would take. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class MoreData:
    """What is missing for an interval, each 0 if it isn't that: with all of it there is one."""

    seconds: float = 0.0
    requests: float = 0.0
    runs: int = 0
    """Runs that repeat the same thing."""

    def __bool__(self) -> bool:
        return any((self.seconds, self.requests, self.runs))

    def __or__(self, other: MoreData) -> MoreData:
        """The larger need of two sides."""
        return MoreData(
            max(self.seconds, other.seconds),
            max(self.requests, other.requests),
            max(self.runs, other.runs),
        )


ENOUGH = MoreData()


def for_blocks(total_s: float, block_s: float, fewest_blocks: float) -> MoreData:
    """Return the seconds missing until `fewest_blocks` blocks of `block_s` fit."""
    return MoreData(seconds=max(math.ceil(fewest_blocks * block_s - total_s - 1e-9), 0))


def for_tail(requests: float, percent: float, fewest_beyond: float) -> MoreData:
    """Return the requests missing until `fewest_beyond` of them are slower than the percentile."""
    return MoreData(
        requests=max(math.ceil(fewest_beyond / (1 - percent / 100) - requests - 1e-6), 0)
        if percent < 100
        else math.inf
    )


def to_decide(low: float, high: float, has_seconds: float) -> MoreData:
    """Return the seconds more until an interval around the same difference would exclude no change.

    The half width falls with the root of the time. Infinite if there is no difference; both ends on the
    scale on which the interval is symmetric (for ratios the logarithm of 1 + its ends).
    """
    middle, half = (low + high) / 2, (high - low) / 2
    if abs(middle) > half:
        return ENOUGH
    if middle == 0:
        return MoreData(seconds=math.inf)
    return MoreData(seconds=math.ceil(has_seconds * ((half / middle) ** 2 - 1) - 1e-6))
