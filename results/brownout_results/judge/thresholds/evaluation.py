"""Verdicts on thresholds, relative ones against a baseline. What cannot be evaluated never passes."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, runtime_checkable

from brownout_results.measure.period import Period
from brownout_results.measure.phases import phases
from brownout_results.read.run_folder import Endpoint, Run
from brownout_terms.outcomes import HARNESS
from brownout_terms.verdicts import ThresholdWord

from .metrics import find
from .threshold import OPERATORS, Threshold

SHOWN = 10
"""Names listed at most when one is not found."""


@dataclass(frozen=True)
class ThresholdVerdict:
    """The verdict on a threshold."""

    threshold: Threshold
    value: float | None
    """Value in ms, per second, as a share of 1 or a number; None if there is none: an error, not a pass."""

    passed: bool
    reason: str
    """What the value is, or why there is none."""

    is_told: bool = True
    """Whether it could be evaluated; otherwise it is an error, not a pass."""

    is_harness: bool = False
    """Whether it can't be told because of what failed in the harness: the run is invalid for it then."""

    run: str = ""
    """Which run it is about, where several are judged."""

    @property
    def word(self) -> ThresholdWord:
        """What came of it, in a word."""
        if self.passed:
            return "held"
        if self.is_error:
            return "error"
        return "noted" if self.threshold.report_only else "missed"

    @property
    def is_error(self) -> bool:
        """Whether it could not be evaluated."""
        return not self.is_told

    @property
    def fails(self) -> bool:
        """Whether it makes the run fail."""
        return not self.passed and not self.threshold.report_only


class UntoldError(Exception):
    """The run or the baseline has no such figure; the message says why."""


class Baseline(Protocol):
    """Figures that thresholds can be evaluated on: those of a run, or pinned ones."""

    def value(self, threshold: Threshold) -> float:
        """Return the figure of a threshold, in the metric's own unit. Raises UntoldError."""
        ...


@runtime_checkable
class Estimating(Protocol):
    """Figures of which some are estimated."""

    def estimated_between(self, threshold: Threshold) -> tuple[float, float] | None:
        """Return the bounds of a figure that is estimated, in its own unit; None if it is not."""
        ...


class Measured(Baseline, Protocol):
    """Figures of a run, of any source."""

    @property
    def endpoints(self) -> Sequence[str]:
        """The endpoints as thresholds name them: GET /fetch."""
        ...

    @property
    def phases(self) -> Sequence[str]:
        """The names of its phases."""
        ...


def evaluate(
    run: Run, thresholds: Iterable[Threshold], baseline: Baseline | None = None
) -> list[ThresholdVerdict]:
    """Return a verdict for each threshold, in order."""
    return judge(RunFigures(run), thresholds, baseline)


def judge(
    measured: Baseline, thresholds: Iterable[Threshold], baseline: Baseline | None
) -> list[ThresholdVerdict]:
    """Return a verdict on each threshold, given the figures of the run and of the baseline."""
    return [_fair(verdict(threshold, measured, baseline), measured, baseline) for threshold in thresholds]


def _fair(found: ThresholdVerdict, measured: Baseline, baseline: Baseline | None) -> ThresholdVerdict:
    """Take a verdict back that only stands because requests failed before they reached the service."""
    threshold = found.threshold
    if found.passed or found.is_error or not isinstance(measured, RunFigures):
        return found
    failed = measured.failed_on_the_way(threshold)
    if not failed or threshold.metric == f"{HARNESS}_ratio":
        return found
    if not verdict(threshold, measured.generous(), baseline).passed:
        return found
    requests = f"the {failed:,} requests that failed" if failed > 1 else "the one request that failed"
    reason = (
        f"{found.reason}, and it would hold if {requests} in the harness, not in the service, had succeeded"
    )
    return replace(found, reason=reason, is_told=False, is_harness=True)


def verdict(threshold: Threshold, measured: Baseline, baseline: Baseline | None) -> ThresholdVerdict:
    """Return the verdict on a threshold, given the figures of the run and of the baseline."""
    try:
        value = measured.value(threshold)
    except UntoldError as untold:
        return ThresholdVerdict(threshold, None, False, str(untold), is_told=False)
    between = measured.estimated_between(threshold) if isinstance(measured, Estimating) else None
    if between is not None:
        return _of_estimate(threshold, value, between, baseline)
    return _of_value(threshold, value, baseline)


def _of_estimate(
    threshold: Threshold, value: float, between: tuple[float, float], baseline: Baseline | None
) -> ThresholdVerdict:
    """Judge an estimate: it is told only if both ends of its bounds come to the same."""
    found = _of_value(threshold, value, baseline)
    low, high = (_shown(end, threshold) for end in between)
    shown = _shown(value, threshold)
    known = f"it is estimated at {shown}, surely between {low} and {high}"
    reason = found.reason.replace(f"it is {shown}", known, 1)
    if found.is_error or len({_of_value(threshold, end, baseline).passed for end in between}) == 1:
        return replace(found, reason=reason)
    return replace(found, passed=False, is_told=False, reason=f"{reason}, which can't be told from the limit")


def _of_value(threshold: Threshold, value: float, baseline: Baseline | None) -> ThresholdVerdict:
    holds = OPERATORS[threshold.operator]
    shown = f"it is {_shown(value, threshold)}"
    if any(holds(value, one.of(threshold.metric, None)) for one in threshold.limits if not one.is_relative):
        return ThresholdVerdict(threshold, value, True, shown)
    if not threshold.is_relative:
        return ThresholdVerdict(threshold, value, False, shown)
    try:
        usual = _of_baseline(threshold, baseline)
    except UntoldError as untold:
        return ThresholdVerdict(threshold, value, False, f"{shown}, {untold}", is_told=False)
    passed = any(holds(value, one.of(threshold.metric, usual)) for one in threshold.limits)
    return ThresholdVerdict(threshold, value, passed, f"{shown}, the baseline's {_shown(usual, threshold)}")


def _of_baseline(threshold: Threshold, baseline: Baseline | None) -> float:
    if baseline is None:
        raise UntoldError("there is no baseline: name one with --baseline RUN or FILE")
    try:
        return baseline.value(threshold)
    except UntoldError as untold:
        raise UntoldError(f"the baseline does not tell: {untold}") from untold


class RunFigures:
    """The figures of a run, as thresholds ask for them."""

    def __init__(self, run: Run, *, is_generous: bool = False) -> None:
        """`is_generous` counts what failed in the harness as if it had succeeded."""
        self._run = run
        self._endpoints = {f"{method} {name}".strip(): (method, name) for method, name in run.endpoints}
        parts = {name: Period.of(run, spans) for name, spans in phases(run).items()}
        self._phases = {name: replace(one, is_generous=is_generous) for name, one in parts.items()}
        self._whole = replace(Period.of(run), is_generous=is_generous)

    def generous(self) -> RunFigures:
        """Return what they would be if nothing had failed in the harness."""
        return RunFigures(self._run, is_generous=True)

    def failed_on_the_way(self, threshold: Threshold) -> int:
        """Return how many of the requests that a threshold is about failed in the harness."""
        return self._part(threshold.phase).outcomes(self._endpoint(threshold.endpoint))[HARNESS]

    @property
    def endpoints(self) -> Sequence[str]:
        """The endpoints as thresholds name them: GET /fetch."""
        return list(self._endpoints)

    @property
    def phases(self) -> Sequence[str]:
        """The names of its phases, in the order of their time."""
        return list(self._phases)

    def value(self, threshold: Threshold) -> float:
        """Return the run's figure of a threshold. Raises UntoldError."""
        endpoint = self._endpoint(threshold.endpoint)
        part = self._part(threshold.phase)
        metric = find(threshold.metric)
        if not part.requests(endpoint) and (endpoint is not None or not part.offered):
            raise UntoldError(where("no request ended", threshold))
        value = metric.measure(part, endpoint)
        if value is None:
            raise UntoldError(where(metric.lacking, threshold))
        return value

    def _endpoint(self, name: str | None) -> Endpoint | None:
        if name is None:
            return None
        if name not in self._endpoints:
            raise UntoldError(unknown("endpoint", name, self._endpoints))
        return self._endpoints[name]

    def _part(self, name: str | None) -> Period:
        if name is None:
            return self._whole
        if name not in self._phases:
            raise UntoldError(unknown("phase", name, self._phases))
        if not any(self._phases[name].spans):
            raise UntoldError(f'phase "{name}" has no whole second')
        return self._phases[name]


def _shown(value: float, threshold: Threshold) -> str:
    """Write a value in the unit of the threshold."""
    units = find(threshold.metric).unit_kind.units
    written = next((limit.unit for limit in threshold.limits if limit.change != "*"), None)
    unit = written if written is not None else find(threshold.metric).unit.replace("×", "")
    return f"{value / float(units[unit]):.6g}{unit}"


def where(trouble: str, threshold: Threshold) -> str:
    of = f' of "{threshold.endpoint}"' if threshold.endpoint is not None else ""
    within = f' in phase "{threshold.phase}"' if threshold.phase is not None else ""
    return f"{trouble}{of}{within}"


def unknown(what: str, name: str, known: Collection[str]) -> str:
    if not known:
        return f'{what} "{name}" never appeared in the run: it has no {what}s'
    near = difflib.get_close_matches(name, known, n=1)
    hint = f'did you mean "{near[0]}"? ' if near else ""
    listed = ", ".join(f'"{one}"' for one in sorted(known)[:SHOWN])
    more = f" and {len(known) - SHOWN} more" if len(known) > SHOWN else ""
    return f'{what} "{name}" never appeared in the run; {hint}the run has {listed}{more}'
