"""How a figure follows from what is counted in seconds, and how much each second weighs in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from .bootstrap import Resamples
from .counts import Floats, Seconds


class Estimator(Protocol):
    """A figure of sums over seconds."""

    @property
    def is_log(self) -> bool:
        """Whether differences are ratios: of rates and durations; of shares and of changes they are not."""
        ...

    def values(self, resamples: Resamples) -> Floats:
        """In each resample; NaN where there is none."""
        ...

    def influence(self, seconds: Seconds) -> Floats:
        """Of each bin on the figure, but for a factor: it is about how the bins follow each other."""
        ...


RATED = "rated "
"""Before the name of what is counted in whole seconds of load only: what rates are of."""


@dataclass(frozen=True)
class RateEstimator:
    """So many per second, over whole seconds of load."""

    column: str
    is_log: bool = True

    def values(self, resamples: Resamples) -> Floats:
        """Per second."""
        return self._share.values(resamples)

    def influence(self, seconds: Seconds) -> Floats:
        """Its own number, less the usual one."""
        return self._share.influence(seconds)

    @property
    def _share(self) -> ShareEstimator:
        return ShareEstimator((f"{RATED}{self.column}",), f"{RATED}seconds")


@dataclass(frozen=True)
class ShareEstimator:
    """So many of so many."""

    columns: tuple[str, ...]
    of: str
    is_log: bool = False

    def values(self, resamples: Resamples) -> Floats:
        """A share of 1, or a ratio."""
        whole = resamples.totals[self.of]
        part = sum((resamples.totals[name] for name in self.columns), np.zeros_like(whole))
        return np.divide(part, whole, out=np.full_like(whole, np.nan), where=whole > 0)

    def influence(self, seconds: Seconds) -> Floats:
        """Its own number, less what the share of the whole would be."""
        whole = seconds.totals[self.of]
        part = sum((seconds.totals[name] for name in self.columns), np.zeros_like(whole))
        usual = float(part.sum()) / max(float(whole.sum()), 1e-300)
        return np.asarray(part - usual * whole)


@dataclass(frozen=True)
class PercentileEstimator:
    """What so many percent of the requests did not exceed.

    How it varies follows from how the share of the requests varies that are slower than it: that share is
    resampled, and read back on the histogram of all (Woodruff 1952). So seconds need no histograms of their
    own, of which a day would have 86,400.
    """

    percent: float
    is_log: bool = True

    @property
    def column(self) -> str:
        """Where it is counted how many requests were slower."""
        return f"slower than p{self.percent:g}"

    def values(self, resamples: Resamples) -> Floats:
        """In ms."""
        durations = resamples.seconds.durations
        if durations is None or not durations.count:
            return np.full(len(resamples.weights), np.nan)
        share = self._share.values(resamples)
        usual = self._share.values(Resamples.as_it_was(resamples.seconds))[0]
        percents = np.clip(self.percent + 100 * (np.where(np.isnan(share), usual, share) - usual), 0, 100)
        read = np.array(durations.percentiles_us(percents.tolist())) / 1000
        return np.where(np.isnan(share), np.nan, read)

    def influence(self, seconds: Seconds) -> Floats:
        """How many more than usual were slower."""
        return self._share.influence(seconds)

    @property
    def _share(self) -> ShareEstimator:
        return ShareEstimator((self.column,), "timed")


@dataclass(frozen=True)
class ChangeEstimator:
    """A rate late in the run less the one before: columns `NAME after` and `NAME before`."""

    column: str
    is_log: bool = False

    def values(self, resamples: Resamples) -> Floats:
        """Per second."""
        then, usual = (self._share(when).values(resamples) for when in ("after", "before"))
        return np.asarray(then - usual)

    def influence(self, seconds: Seconds) -> Floats:
        """Of its part of the run."""
        parts = [
            self._share(when).influence(seconds) / max(seconds.totals[f"seconds {when}"].sum(), 1.0)
            for when in ("after", "before")
        ]
        return np.asarray(parts[0] - parts[1])

    def _share(self, when: str) -> ShareEstimator:
        return ShareEstimator((f"{self.column} {when}",), f"seconds {when}")
