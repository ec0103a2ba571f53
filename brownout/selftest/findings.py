"""What the rounds of a selftest show: pure, outcomes in, findings out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from brownout.selftest.rounds import RoundResult

FLOOR_MS = 25.0
"""What a figure may move by in any case: two runs on a busy machine differ by that."""


@dataclass(frozen=True)
class Noise:
    """How far a figure moves from one undisturbed run to the next, ms."""

    low: float
    high: float

    def has(self, value: float) -> bool:
        """Whether a value is within what undisturbed runs show, widened by their range on both sides."""
        wide = max(self.high - self.low, FLOOR_MS)
        return self.low - wide <= value <= self.high + wide


@dataclass(frozen=True)
class SelftestFinding:
    """What is wrong with the report of one round."""

    round: int
    disturbance: str
    kind: str
    """blamed, lost, silent, unread or false alarm."""
    detail: str


def noise_of(outcomes: Sequence[RoundResult]) -> dict[str, Noise]:
    """The noise of each figure, from the undisturbed rounds among these."""
    quiet = [one.figures for one in outcomes if one.is_quiet and one.figures]
    names = quiet[0].keys() if quiet else ()
    return {
        name: Noise(min(values), max(values))
        for name in names
        if (values := [figures[name] for figures in quiet if name in figures])
    }


def findings(outcomes: Sequence[RoundResult]) -> list[SelftestFinding]:
    """Everything that is wrong, by round.

    *blamed*: the run was called valid, and a figure or a cause of the target moved by more than its own
    noise. *lost*: the run was called valid, and Locust counted failures that its folder does not have.
    *silent*: the disturbance lasted a second or more, and neither the verdict nor a notice nor the timeline
    has a word of it. *unread*: the folder could not be read. *false alarm*: an undisturbed run was called
    invalid, or has a notice, and no other process of the machine had disturbed it.
    """
    noise = noise_of(outcomes)
    return [finding for one in outcomes for finding in _of(one, noise)]


def _of(one: RoundResult, noise: dict[str, Noise]) -> list[SelftestFinding]:
    name = one.plan.disturbance.name if one.plan.disturbance else "none"

    def found(kind: str, detail: str) -> SelftestFinding:
        return SelftestFinding(one.plan.number, name, kind, detail)

    if not one.reads:
        return [found("unread", f"exit code {one.code}, and no summary that reads")]
    wrong = []
    if not one.invalid and (lost := one.failed_for_locust - one.failed) > 0:
        wrong.append(found("lost", f"{lost} of the {one.failed_for_locust} failures that Locust counted"))
    if one.plan.disturbance is None and not one.is_quiet:
        return wrong
    if one.plan.disturbance is None:
        return wrong + [found("false alarm", word) for word in (one.invalid, *one.notices) if word]
    if not (one.invalid or one.notices or one.told):
        wrong.append(found("silent", f"{one.plan.seconds:.1f} s, and no word of it"))
    if not one.invalid:
        wrong += [found("blamed", detail) for detail in _moved(one, noise)]
    return wrong


def _moved(one: RoundResult, noise: dict[str, Noise]) -> list[str]:
    moved = [
        f"{name} {value:.0f} ms, undisturbed {noise[name].low:.0f} to {noise[name].high:.0f} ms"
        for name, value in (one.figures or {}).items()
        if name in noise and not noise[name].has(value)
    ]
    return moved + ([f"{one.other_causes} failures of another cause"] if one.other_causes else [])
