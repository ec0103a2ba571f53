"""Moments as text: ISO 8601, UTC, to the millisecond."""

from __future__ import annotations

from datetime import UTC, datetime


def iso(seconds: float) -> str:
    """Seconds since the epoch as `2026-03-14T15:09:26.535Z`."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def seconds_of(text: str) -> float:
    """The seconds since the epoch that `iso` wrote. Raises `ValueError`."""
    return datetime.fromisoformat(text).timestamp()
