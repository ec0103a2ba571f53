"""What a request came to, as its user saw it."""

from __future__ import annotations

from typing import Literal

from brownout_terms.styles import Style

Outcome = Literal["ok", "fallback", "error", "tunnel"]

STYLES: dict[Outcome, Style] = {
    "ok": Style("✓", "ok"),
    "fallback": Style("~", "fallback", "."),
    "error": Style("✗", "error", "/"),
    "tunnel": Style("?", "unknown", "x"),
}
"""`fallback` is a degraded answer; `tunnel`: the forward was down, which is not the service's fault."""

OUTCOMES: tuple[Outcome, ...] = tuple(STYLES)

FAILURES: tuple[Outcome, ...] = tuple(one for one in OUTCOMES if one != "ok")
"""Outcomes that Locust may count as failures."""

HARNESS: Outcome = "tunnel"
"""The outcome of what failed before it reached the service: on its way, or at a limit of our own."""

DEGRADED: tuple[Outcome, ...] = ("ok", "fallback")
"""Outcomes that count for the degraded availability."""
