"""A figure of one run against the baseline's: how much it differs, and how sure that is."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from enum import StrEnum

from brownout_results.measure.resampling.dispersion import FEW_EVENTS
from brownout_results.measure.resampling.estimates import Estimate
from brownout_results.measure.resampling.more_data import ENOUGH, MoreData

from .shares import CONFIDENCE, Counts, chance, dispersion, newcombe
from .student import quantile, two_sided

HALF, DOUBLE = -0.5, 1.0
WIDE = "chance can explain both half and double"
LARGEST = 300.0
"""Largest logarithm whose exponential is still a number."""

INDEPENDENT = 1e6
"""Degrees of freedom of a variance that need not be estimated."""

FEWEST_EFFECTIVE = 0.5
"""Independent events that a share is worth at least."""


class Unknown(StrEnum):
    """Why a difference has no interval."""

    ABSENT = "not in the files"
    FEW = "too few"


class Stance(StrEnum):
    """Where the interval of a difference lies, seen from no change and from the practical margin."""

    UNTOLD = "untold"
    """There is no interval."""

    WITHIN = "within"
    """Within the margin on both sides: equality is shown, as by two one-sided tests."""

    ABOVE = "above"
    """Above no change, and the difference exceeds the margin."""

    BELOW = "below"
    ACROSS = "across"
    """Too wide to tell: it holds no change, or a difference too small to matter, and larger ones."""


@dataclass(frozen=True, kw_only=True)
class Difference:
    """`low` and `high` are the 95 % interval of `relative` if `is_log`, else of `absolute`.

    They stay where the quantity can be: a ratio above -1 (-100 %), a difference of shares within ±1.
    """

    before: float | None
    after: float | None
    is_log: bool
    unit: str = ""
    absolute: float | None = None
    relative: float | None = None
    """1 is twice as much; None if the figure was 0."""

    low: float | None = None
    high: float | None = None
    p: float | None = None
    """Probability that chance alone makes a difference this large."""

    why: str = ""
    """Why there is no interval, or one too wide to tell anything."""

    lack: Unknown | None = None
    """Why there is no interval, in kind; None if there is one."""

    more: MoreData = ENOUGH
    """What it would take for an interval, on the side that lacks most; nothing if there is one, or if no
    amount would do."""

    apart: tuple[float, float] | None = None
    """For durations: the figures of successes alone, where the sources tell."""

    withheld: str = ""
    """Why what seems to be a gain is none; empty if nothing speaks against it."""

    @property
    def is_wide(self) -> bool:
        """Whether chance can explain both half and double."""
        return (
            self.is_log
            and self.low is not None
            and self.high is not None
            and (self.low < HALF and self.high > DOUBLE)
        )

    @property
    def drawn(self) -> float | None:
        """The difference that the interval describes; of a ratio to 0 the absolute one, without interval."""
        return self.relative if self.is_log and self.before else self.absolute


def stance(one: Difference, margin: float) -> Stance:
    """Return where the interval lies; `margin` on the interval's scale, at least 0.

    A figure that was 0 has no ratio, yet may be surely more: then it is above, without an interval.
    """
    if one.drawn is None or one.p is None:
        return Stance.UNTOLD
    if one.low is None or one.high is None:
        return Stance.ABOVE if one.p <= 1 - CONFIDENCE else Stance.ACROSS
    if max(abs(one.low), abs(one.high)) <= margin:
        return Stance.WITHIN
    if abs(one.drawn) > margin:
        if one.low > 0:
            return Stance.ABOVE
        if one.high < 0:
            return Stance.BELOW
    return Stance.ACROSS


def difference(
    before: Estimate | None, after: Estimate | None, *, is_log: bool, unit: str = ""
) -> Difference:
    """Return the difference of two figures with their errors."""
    first, then = (one.value if one else None for one in (before, after))
    if before is None or after is None or first is None or then is None:
        return Difference(
            before=first,
            after=then,
            is_log=is_log,
            unit=unit,
            why="one of the runs has none",
            lack=Unknown.ABSENT,
        )
    absolute = then - first if math.isfinite(then) and math.isfinite(first) else None
    bare = Difference(
        before=first,
        after=then,
        is_log=is_log,
        unit=unit,
        absolute=absolute,
        relative=absolute / first if absolute is not None and first > 0 else None,
        apart=None if before.apart is None or after.apart is None else (before.apart, after.apart),
    )
    if before.error is None or after.error is None or absolute is None:
        return _untold(bare, before, after)
    if is_log and first * then == 0:
        return _of_nothing(bare, before, after)
    return _judged(bare, before, after, before.error, after.error)


def _untold(bare: Difference, before: Estimate, after: Estimate) -> Difference:
    more = before.more | after.more
    why = before.why or after.why  # one reason is enough
    if before.bounds and after.bounds:
        why = f"how it varies; it is {before.bounds}, then {after.bounds}"
    return replace(bare, why=why, lack=Unknown.FEW if more else Unknown.ABSENT, more=more)


def _judged(bare: Difference, before: Estimate, after: Estimate, error: float, other: float) -> Difference:
    assert bare.absolute is not None  # noqa: S101 - difference() has looked
    if before.events and after.events and not bare.is_log:
        return _of_shares(bare, before, after)
    middle = (
        math.log(after.value / before.value)
        if bare.is_log and before.value and after.value
        else bare.absolute
    )
    spread = math.hypot(error, other)
    degrees = _welch(error, before.degrees, other, after.degrees)
    half = quantile(0.5 + CONFIDENCE / 2, degrees) * spread
    low, high = middle - half, middle + half
    if bare.is_log:
        low, high = (math.expm1(min(end, LARGEST)) for end in (low, high))
    told = replace(bare, low=low, high=high, p=_p(middle, spread, degrees))
    return replace(told, why=WIDE) if told.is_wide else told


def _of_shares(bare: Difference, before: Estimate, after: Estimate) -> Difference:
    """Judge shares by counts that are worth as many independent events as theirs are."""
    both = [_Share.of(one) for one in (before, after)]
    worst = max(both, key=lambda one: (one.dispersion - 1) / one.crowd)
    first, then = (one.like(worst) if one.is_few else one for one in both)
    degrees = _welch(first.error, first.degrees, then.error, then.degrees)
    scale = math.sqrt(min(max(first.seen, then.seen), 1.0))
    deviate = quantile(0.5 + CONFIDENCE / 2, degrees) * scale
    chances = chance(first.counts, then.counts, scale, degrees)
    if scale < 1:
        # They differ less from run to run than independent events do, which need no estimate of how they
        # vary: the wider interval of the two.
        deviate = max(deviate, quantile(0.5 + CONFIDENCE / 2, INDEPENDENT))
        chances = max(chances, chance(first.counts, then.counts, 1.0, INDEPENDENT))
    low, high = newcombe(first.counts, then.counts, deviate)
    return replace(bare, low=low, high=high, p=chances)


@dataclass(frozen=True)
class _Share:
    """A share with what its events are worth."""

    share: float
    whole: float
    seen: float
    """The dispersion as it was estimated; `dispersion` is 1 at least."""
    dispersion: float
    degrees: float
    crowd: float
    is_few: bool

    @classmethod
    def of(cls, one: Estimate) -> _Share:
        assert one.events is not None  # noqa: S101 - _judged() has looked at these three
        assert one.value is not None  # noqa: S101
        assert one.error is not None  # noqa: S101
        part, whole = one.events
        share = min(max(one.value, 0.0), 1.0)
        own = dispersion(share, whole, one.error) if one.dispersion is None else one.dispersion
        is_few = one.dispersion is None and min(part, whole - part) < FEW_EVENTS
        return cls(share, whole, own, max(own, 1.0), one.degrees, one.crowd, is_few)

    def like(self, other: _Share) -> _Share:
        """Return it as if its events went together as the other's do, by the correlation within a second."""
        excess = (other.dispersion - 1) * self.crowd / other.crowd
        return replace(self, seen=other.seen, dispersion=1 + excess, degrees=other.degrees)

    @property
    def counts(self) -> Counts:
        effective = max(self.whole / self.dispersion, FEWEST_EFFECTIVE)
        return self.share * effective, effective

    @property
    def error(self) -> float:
        """Its error, with half an event of each kind more, so that none is 0."""
        part, whole = self.counts
        share = (part + 0.5) / (whole + 1)
        return math.sqrt(share * (1 - share) / whole)


def _of_nothing(bare: Difference, before: Estimate, after: Estimate) -> Difference:
    """Judge a rate that is 0 on one side, which has no logarithm: by how few events would be chance.

    Of n independent events, all on one side, the other side's share is below z²/(n + z²) (Wilson).
    """
    if not before.value and not after.value:
        return replace(bare, low=0.0, high=0.0, p=1.0)
    some, none = (before, after) if before.value else (after, before)
    if not some.counted or not none.counted or some.error is None:
        return replace(bare, why="it is 0", lack=Unknown.ABSENT)
    count, seconds = some.counted
    events = count / max(some.error**2 * count, 1.0)
    longer = none.counted[1] / seconds
    p = two_sided(math.sqrt(events * longer), some.degrees)
    if some is after:
        return replace(bare, p=p)
    z = quantile(0.5 + CONFIDENCE / 2, some.degrees)
    return replace(bare, low=-1.0, high=z * z / events / longer - 1, p=p)


def _welch(error: float, degrees: float, other: float, more: float) -> float:
    """Return the degrees of freedom of a sum of two errors."""
    whole = error**2 + other**2
    parts = error**4 / max(degrees, 1e-9) + other**4 / max(more, 1e-9)
    return whole**2 / parts if parts > 0 else degrees + more


def _p(middle: float, spread: float, degrees: float) -> float:
    if spread <= 0:
        return 1.0 if middle == 0 else 0.0
    return two_sided(middle / spread, degrees)
