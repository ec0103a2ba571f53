"""Retries with growing intervals: how long to wait, and which caller may try."""

from __future__ import annotations

import asyncio
import random

from brownout_fleet.model import TunnelError

FIRST_S = 0.2
LONGEST_S = 5.0

PATIENCE_S = 1.0
"""How long a connection waits for a way that is down before it is refused: paces a load that would otherwise
spin on refusals, and is short enough that nobody's time-out comes first."""


def backoff_s(failures: int, jitter: float, longest_s: float = LONGEST_S) -> float:
    """Seconds to wait after so many failures in a row; `jitter` in 0..1 spreads those who wait."""
    return float(min(longest_s, FIRST_S * 2 ** min(failures - 1, 16)) * (0.5 + jitter / 2))


class RetryGate:
    """Closed after a failure; then one caller at a time may try, at growing intervals, for all of them."""

    def __init__(self) -> None:
        self.failures = 0
        self.closed_at = 0.0
        self.refused = 0
        self._retry_at = 0.0
        self._error = TunnelError("")

    async def enter(self) -> None:
        """Return when the caller may try; raises TunnelError when that is not soon."""
        if not self.failures:
            return
        loop = asyncio.get_running_loop()
        wait_s = self._retry_at - loop.time()
        if wait_s > 0:
            await asyncio.sleep(min(wait_s, PATIENCE_S))
        if self.failures and loop.time() < self._retry_at:
            self.refused += 1
            raise TunnelError(str(self._error), self._error.everywhere)
        if self.failures:
            self._retry_at = loop.time() + backoff_s(self.failures, random.random())

    def failed(self, error: TunnelError) -> bool:
        """Note a failure. Return whether it is the first."""
        now = asyncio.get_running_loop().time()
        self.failures += 1
        self.refused += 1
        self._error = error
        self._retry_at = now + backoff_s(self.failures, random.random())
        if self.failures == 1:
            self.closed_at = now
        return self.failures == 1

    def passed(self) -> str | None:
        """Note a success. Return a sentence about the failure that it ends; None if there was none."""
        if not self.failures:
            return None
        down_s = asyncio.get_running_loop().time() - self.closed_at
        text = f"works again after {down_s:.1f} s; {self.refused} connections were refused"
        self.failures = self.refused = 0
        return text
