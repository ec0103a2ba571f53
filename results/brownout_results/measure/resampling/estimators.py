"""How a figure follows from counts per second, and the influence of each second on it."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist
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
        """Return the figure in each resample; NaN where there is none."""
        ...

    def influence(self, seconds: Seconds) -> Floats:
        """Return the influence of each bin, up to a factor: only its autocorrelation matters."""
        ...


LIKELY: Floats = np.array([NormalDist().inv_cdf((place + 0.5) / 80) for place in range(80)])
"""Evenly likely deviates of a normal distribution."""

RATED = "rated "
"""Prefix of counts that cover only whole seconds of load, for rates."""

TIMED, DURATIONS = "timed", "durations"
"""Requests whose duration is known, and the sum of their durations in ms."""


@dataclass(frozen=True)
class RateEstimator:
    """A rate per second, over whole seconds of load."""

    column: str
    is_log: bool = True

    def values(self, resamples: Resamples) -> Floats:
        """Return the rate per second."""
        return self._share.values(resamples)

    def influence(self, seconds: Seconds) -> Floats:
        """Return its own count minus the mean."""
        return self._share.influence(seconds)

    @property
    def _share(self) -> ShareEstimator:
        return ShareEstimator((f"{RATED}{self.column}",), f"{RATED}seconds")


@dataclass(frozen=True)
class ShareEstimator:
    """A share: a count divided by another."""

    columns: tuple[str, ...]
    of: str
    is_log: bool = False

    def values(self, resamples: Resamples) -> Floats:
        """Return the share of 1, or the ratio."""
        whole = resamples.totals[self.of]
        part = sum((resamples.totals[name] for name in self.columns), np.zeros_like(whole))
        return np.divide(part, whole, out=np.full_like(whole, np.nan), where=whole > 0)

    def influence(self, seconds: Seconds) -> Floats:
        """Return its own count minus what the overall share predicts."""
        whole = seconds.totals[self.of]
        part = sum((seconds.totals[name] for name in self.columns), np.zeros_like(whole))
        usual = float(part.sum()) / max(float(whole.sum()), 1e-300)
        return np.asarray(part - usual * whole)


@dataclass(frozen=True)
class PercentileEstimator:
    """A percentile: the duration that this percentage of the requests did not exceed.

    How it varies follows from how the share of the requests varies that are slower than it: that share is
    resampled, and read back on the histogram of all (Woodruff 1952). So seconds need no histograms of their
    own, of which a day would have 86,400.
    """

    percent: float
    is_log: bool = True

    @property
    def column(self) -> str:
        """The name of the count of slower requests."""
        return f"slower than p{self.percent:g}"

    def values(self, resamples: Resamples) -> Floats:
        """Return the percentile in ms."""
        durations = resamples.seconds.durations
        if durations is None or not durations.count:
            return np.full(len(resamples.weights), np.nan)
        share = self._share.values(resamples)
        usual = self._share.values(Resamples.as_it_was(resamples.seconds))[0]
        percents = np.clip(self.percent + 100 * (np.where(np.isnan(share), usual, share) - usual), 0, 100)
        read = np.array(durations.percentiles_us(percents.tolist())) / 1000
        return np.where(np.isnan(share), np.nan, read)

    def influence(self, seconds: Seconds) -> Floats:
        """Return how many more requests than the mean were slower."""
        return self._share.influence(seconds)

    def spread(self, seconds: Seconds, error: float) -> float | None:
        """Return the error of the logarithm, given that of the share of slower requests; None without any.

        Read at evenly likely shares: as from many resamples, without their chance.
        """
        durations = seconds.durations
        if durations is None or not durations.count:
            return None
        percents = np.clip(self.percent + 100 * error * LIKELY, 0, 100)
        return float(np.std(np.log(np.array(durations.percentiles_us(percents.tolist())))) / LIKELY.std())

    @property
    def _share(self) -> ShareEstimator:
        return ShareEstimator((self.column,), TIMED)


@dataclass(frozen=True)
class ChangeEstimator:
    """A rate late in the run minus the rate before: columns `NAME after` and `NAME before`."""

    column: str
    is_log: bool = False

    def values(self, resamples: Resamples) -> Floats:
        """Return the rate per second."""
        then, usual = (self._share(when).values(resamples) for when in ("after", "before"))
        return np.asarray(then - usual)

    def influence(self, seconds: Seconds) -> Floats:
        """Return the influence of each bin on the change."""
        parts = [
            self._share(when).influence(seconds) / max(seconds.totals[f"seconds {when}"].sum(), 1.0)
            for when in ("after", "before")
        ]
        return np.asarray(parts[0] - parts[1])

    def _share(self, when: str) -> ShareEstimator:
        return ShareEstimator((f"{self.column} {when}",), f"seconds {when}")
