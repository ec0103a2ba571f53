"""Simulated runs of which the truth is known: latencies that wander, and failures with them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from brownout_results.measure.figures import MEASURES, PERCENTILES
from brownout_results.measure.resampling.bootstrap import Resamples
from brownout_results.measure.resampling.counts import Floats, Seconds
from brownout_results.measure.resampling.estimates import Observation
from brownout_results.measure.resampling.estimators import RATED
from brownout_results.record import Histogram

REQUESTS_S = 200
MEDIAN_MS = 20.0
SPREAD = 0.5
"""Of the logarithm of latencies within a second."""

ERRORS, FALLBACKS = 0.01, 0.03
FIGURES = ("goodput", "throughput", "availability", "degraded availability", *PERCENTILES)


@dataclass(frozen=True)
class World:
    """How a run goes: the level of its latencies is AR(1) from second to second."""

    seconds: int
    phi: float
    sigma: float

    def lasting(self, seconds: int) -> World:
        """The same for so many seconds."""
        return World(seconds, self.phi, self.sigma)


WORLDS = (World(60, 0.0, 0.05), World(60, 0.6, 0.05), World(300, 0.8, 0.1))


def run(world: World, random: np.random.Generator, change: float = 0.0) -> Observation:
    """Simulate a run whose latencies are longer by `change`, of their logarithm."""
    return observed(wandering(world, random) + change, random, errors=ERRORS)


def phases(
    world: World, seconds: int, random: np.random.Generator, requests_s: int, availability: float
) -> list[Observation]:
    """Simulate a baseline, a fault and a recovery of so many seconds each; `availability` is the fault's."""
    level = wandering(world.lasting(3 * seconds), random)
    return [
        observed(part, random, requests_s=requests_s, errors=errors)
        for part, errors in zip(np.split(level, 3), (ERRORS, 1 - availability, ERRORS), strict=True)
    ]


def observed(
    level: Floats, random: np.random.Generator, *, errors: float, requests_s: int = REQUESTS_S
) -> Observation:
    """Simulate seconds of such a level of latencies; more requests fail and fall back in slow ones."""
    bins = len(level)
    requests = random.poisson(requests_s, bins)
    second = np.repeat(np.arange(bins), requests)
    durations_ms = MEDIAN_MS * np.exp(random.normal(0, SPREAD, len(second)) + level[second])
    lot = random.random(len(second)) / np.exp(2 * level[second])
    failed, fell_back = lot < errors, lot < errors + FALLBACKS
    durations = Histogram.of(1000 * durations_ms)
    limits_ms = {name: durations.percentile_us(one.percent) / 1000 for name, one in PERCENTILES.items()}
    columns = {
        "ok": ~fell_back,
        "fallback": fell_back & ~failed,
        **{one.column: durations_ms > limits_ms[name] for name, one in PERCENTILES.items()},
    }
    totals: dict[str, Floats] = {
        name: np.bincount(second[chosen], minlength=bins).astype(np.float64)
        for name, chosen in columns.items()
    }
    totals["requests"] = totals["timed"] = requests.astype(np.float64)
    totals |= {f"{RATED}seconds": np.ones(bins)}
    totals |= {f"{RATED}{name}": totals[name] for name in ("requests", "ok")}
    seconds = Seconds(np.zeros(bins, np.int64), 1, totals, durations)
    whole = Resamples.as_it_was(seconds)
    return Observation({name: float(MEASURES[name].values(whole)[0]) for name in FIGURES}, seconds)


def wandering(world: World, random: np.random.Generator) -> Floats:
    """AR(1) from its own distribution on."""
    steps = random.normal(0, world.sigma, world.seconds)
    level = steps.copy()
    for second in range(1, world.seconds):
        level[second] = world.phi * level[second - 1] + math.sqrt(1 - world.phi**2) * steps[second]
    return level
