"""Judges a run by thresholds, all of them. What can't be told is never a pass."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from results.run_folder import Endpoint, Run
from results.spans import phases
from results.stretch import Stretch

from .metrics import find
from .threshold import OPERATORS, Threshold

SHOWN = 10
"""Names listed at most when one is not found."""


@dataclass(frozen=True)
class Verdict:
    """What came of a threshold."""

    threshold: Threshold
    value: float | None
    """In ms, per second, a share of 1, or a number; None if there is none: an error, not a pass."""

    passed: bool
    reason: str
    """What the value is, or why there is none."""

    @property
    def is_error(self) -> bool:
        """Whether it could not be told."""
        return self.value is None


class _UntoldError(Exception):
    """The run can't tell; the message says why."""


def evaluate(run: Run, thresholds: Iterable[Threshold]) -> list[Verdict]:
    """A verdict for each threshold, in their order."""
    judge = _Judge(run)
    return [judge.verdict(threshold) for threshold in thresholds]


class _Judge:
    def __init__(self, run: Run) -> None:
        self._endpoints = {f"{method} {name}".strip(): (method, name) for method, name in run.endpoints}
        self._phases = {name: Stretch.of(run, spans) for name, spans in phases(run).items()}
        self._whole = Stretch.of(run)

    def verdict(self, threshold: Threshold) -> Verdict:
        """What came of one threshold."""
        try:
            value = self._value(threshold)
        except _UntoldError as untold:
            return Verdict(threshold, None, False, str(untold))
        passed = OPERATORS[threshold.operator](value, threshold.limit)
        return Verdict(threshold, value, passed, f"it is {_shown(value, threshold)}")

    def _value(self, threshold: Threshold) -> float:
        endpoint = self._endpoint(threshold.endpoint)
        part = self._part(threshold.phase)
        metric = find(threshold.metric)
        if not part.requests(endpoint) and (endpoint is not None or not part.offered):
            raise _UntoldError(_where("no request ended", threshold))
        value = metric.measure(part, endpoint)
        if value is None:
            raise _UntoldError(_where(metric.lacking, threshold))
        return value

    def _endpoint(self, name: str | None) -> Endpoint | None:
        if name is None:
            return None
        if name not in self._endpoints:
            raise _UntoldError(_unknown("endpoint", name, self._endpoints))
        return self._endpoints[name]

    def _part(self, name: str | None) -> Stretch:
        if name is None:
            return self._whole
        if name not in self._phases:
            raise _UntoldError(_unknown("phase", name, self._phases))
        if not any(self._phases[name].spans):
            raise _UntoldError(f'phase "{name}" has no whole second')
        return self._phases[name]


def _shown(value: float, threshold: Threshold) -> str:
    return f"{value / float(threshold.factor):.6g}{threshold.unit}"


def _where(trouble: str, threshold: Threshold) -> str:
    of = f' of "{threshold.endpoint}"' if threshold.endpoint is not None else ""
    within = f' in phase "{threshold.phase}"' if threshold.phase is not None else ""
    return f"{trouble}{of}{within}"


def _unknown(what: str, name: str, known: Collection[str]) -> str:
    if not known:
        return f'{what} "{name}" never appeared in the run: it has no {what}s'
    near = difflib.get_close_matches(name, known, n=1)
    hint = f'did you mean "{near[0]}"? ' if near else ""
    listed = ", ".join(f'"{one}"' for one in sorted(known)[:SHOWN])
    more = f" and {len(known) - SHOWN} more" if len(known) > SHOWN else ""
    return f'{what} "{name}" never appeared in the run; {hint}the run has {listed}{more}'
