"""Compares what a probe measured with its tolerance.

The engine checks tolerances in the steady state only, and silently ignores those of the method. Here they
count: nothing else can say what must hold while a fault lasts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chaoslib.exceptions import ChaosException
from chaoslib.hypothesis import ensure_hypothesis_tolerance_is_valid, within_tolerance


def complaint(probe: Mapping[str, Any]) -> str | None:
    """Return why the tolerance of a method's probe can't be judged; None if it can, or there is none."""
    if "tolerance" not in probe:
        return None
    tolerance = probe["tolerance"]
    if is_probe(tolerance):
        return "its tolerance is a probe, which is only run in the steady state. Use a value or a range"
    try:
        ensure_hypothesis_tolerance_is_valid(tolerance)
    except ChaosException as error:
        return str(error)
    return None


def is_within(tolerance: Any, output: Any) -> bool:
    """Return whether the engine would accept the output. A tolerance that is a probe is the engine's: it must
    not run twice."""
    if is_probe(tolerance):
        return True
    if output is None:
        return tolerance is None
    try:
        return bool(within_tolerance(tolerance, output))
    except ChaosException:
        return True


def is_probe(tolerance: Any) -> bool:
    """Return whether the tolerance is itself a probe, to be run rather than compared with."""
    return isinstance(tolerance, dict) and tolerance.get("type") == "probe"


def comparison(tolerance: Any, output: Any) -> str:
    """Write what was found and what is allowed."""
    return f"{output!r}, and not {allowed(tolerance)}"


def allowed(tolerance: Any) -> str:
    """Write a tolerance in words."""
    if isinstance(tolerance, dict) and tolerance.get("type") == "range":
        low, high = tolerance["range"]
        return f"{low} to {high}"
    return repr(tolerance)
