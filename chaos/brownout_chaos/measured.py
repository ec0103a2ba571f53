"""What a probe has measured, against its tolerance.

The engine looks at tolerances in the steady state alone; one in the method it passes over without a word.
Here it counts: what must hold while a fault lasts can be asked for nowhere else.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chaoslib.exceptions import ChaosException
from chaoslib.hypothesis import ensure_hypothesis_tolerance_is_valid, within_tolerance


def complaint(probe: Mapping[str, Any]) -> str | None:
    """Why the tolerance of a probe of the method can't be judged; None if it can, or there is none."""
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
    """Whether the engine would say so. A tolerance that is a probe is left to it: it must not run twice."""
    if is_probe(tolerance):
        return True
    if output is None:
        return tolerance is None
    try:
        return bool(within_tolerance(tolerance, output))
    except ChaosException:
        return True


def is_probe(tolerance: Any) -> bool:
    """Whether it is to be run, rather than compared with."""
    return isinstance(tolerance, dict) and tolerance.get("type") == "probe"


def beside(tolerance: Any, output: Any) -> str:
    """What was found, and what was allowed."""
    return f"{output!r}, and not {allowed(tolerance)}"


def allowed(tolerance: Any) -> str:
    """A tolerance in words."""
    if isinstance(tolerance, dict) and tolerance.get("type") == "range":
        low, high = tolerance["range"]
        return f"{low} to {high}"
    return repr(tolerance)
