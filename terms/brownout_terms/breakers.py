"""The states of a circuit breaker."""

from __future__ import annotations

from typing import Literal

from brownout_terms.styles import Style

BreakerState = Literal["closed", "half-open", "open", "unknown"]

STYLES: dict[BreakerState, Style] = {
    "closed": Style("●", "ok"),
    "half-open": Style("◐", "fallback"),
    "open": Style("○", "error"),
    "unknown": Style("?", "unknown"),
}
