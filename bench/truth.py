"""`python -m bench.truth`: whether the comparison of runs tells the truth, on simulated pairs of runs.

200 requests a second with log-normal latencies, whose level wanders from second to second as AR(1) with
coefficient φ and spread σ; some fail, more of them in slow seconds. `false_alarms` is the share of pairs
without a difference of which any figure is called better or worse, in the world where it is largest;
`coverage` is how many of the 95 % intervals hold the truth, of the figure and in the world where that is
fewest; `power` is how often p95 is called worse when latencies are 10 % longer, in the second world.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import click
import numpy as np

from bench.figures import Figures, report
from brownout_results.judge.comparison.difference import Difference, difference
from brownout_results.judge.comparison.verdicts import verdicts
from brownout_results.measure.figures import FIGURES, MEASURES, PERCENTILES
from brownout_results.measure.resampling.bootstrap import Resamples
from brownout_results.measure.resampling.counts import Floats, Seconds
from brownout_results.measure.resampling.estimates import Observation, estimates
from brownout_results.measure.resampling.estimators import RATED
from brownout_results.record import Histogram

BARS = {"false_alarms": "≤ 0.08", "coverage": "0.90 to 0.99", "power": "≥ 0.8"}
REQUESTS_S = 200
MEDIAN_MS = 20.0
SPREAD = 0.5
"""Standard deviation of the logarithm of latencies within a second."""

ERRORS, FALLBACKS = 0.01, 0.03
SLOWER = math.log(1.1)
RATES = ("goodput", "throughput")
SHARES = ("availability", "degraded availability")
IS_GOOD_UP = {figure.name: figure.is_good_up for figure in FIGURES}


@dataclass(frozen=True)
class World:
    """How a run goes."""

    seconds: int
    phi: float
    sigma: float


WORLDS = (World(60, 0.0, 0.05), World(60, 0.6, 0.05), World(300, 0.8, 0.1))


def run(world: World, random: np.random.Generator, change: float = 0.0) -> Observation:
    """A run whose latencies are longer by the change of their logarithm."""
    level = _wandering(world, random)
    requests = random.poisson(REQUESTS_S, world.seconds)
    second = np.repeat(np.arange(world.seconds), requests)
    noise = random.normal(0, SPREAD, len(second))
    durations_ms = MEDIAN_MS * np.exp(noise + level[second] + change)
    lot = random.random(len(second)) / np.exp(2 * level[second])
    failed, fell_back = lot < ERRORS, lot < ERRORS + FALLBACKS
    durations = Histogram.of(1000 * durations_ms)
    limits_ms = {name: durations.percentile_us(one.percent) / 1000 for name, one in PERCENTILES.items()}
    columns = {
        "ok": ~fell_back,
        "fallback": fell_back & ~failed,
        **{one.column: durations_ms > limits_ms[name] for name, one in PERCENTILES.items()},
    }
    totals: dict[str, Floats] = {
        name: np.bincount(second[chosen], minlength=world.seconds).astype(np.float64)
        for name, chosen in columns.items()
    }
    totals |= {"requests": requests.astype(np.float64), f"{RATED}seconds": np.ones(world.seconds)}
    totals |= {f"{RATED}{name}": totals[name] for name in ("requests", "ok")}
    seconds = Seconds(np.zeros(world.seconds, np.int64), 1, totals, durations)
    whole = Resamples.as_it_was(seconds)
    names = (*RATES, *SHARES, *PERCENTILES)
    return Observation({name: float(MEASURES[name].values(whole)[0]) for name in names}, seconds)


def _wandering(world: World, random: np.random.Generator) -> Floats:
    """AR(1) from its own distribution on."""
    steps = random.normal(0, world.sigma, world.seconds)
    level = steps.copy()
    for second in range(1, world.seconds):
        level[second] = world.phi * level[second - 1] + math.sqrt(1 - world.phi**2) * steps[second]
    return level


def pair(world: World, random: np.random.Generator, change: float = 0.0) -> dict[str, Difference]:
    """The differences of two runs, of which the second may be slower."""
    before, after = estimates([run(world, random, shift) for shift in (0.0, change)])
    return {name: difference(before[name], after[name], is_log=MEASURES[name].is_log) for name in before}


def called(found: dict[str, Difference]) -> dict[str, str]:
    """The verdict on each figure."""
    return verdicts(found, IS_GOOD_UP)


def _alarms(pairs: list[dict[str, Difference]]) -> float:
    return float(np.mean([bool({"better", "worse"} & set(called(found).values())) for found in pairs]))


def _coverage(pairs: list[dict[str, Difference]]) -> Iterator[float]:
    for name in (*RATES, *SHARES, *PERCENTILES):
        known = [(found[name].low, found[name].high) for found in pairs]
        inside = [low <= 0 <= high for low, high in known if low is not None and high is not None]
        if inside:
            yield float(np.mean(inside))


def measure(pairs: int, seed: int) -> Figures:
    """How often a comparison is wrong about simulated runs of which the truth is known."""
    random = np.random.default_rng(seed)
    same = {world: [pair(world, random) for _ in range(pairs)] for world in WORLDS}
    slower = [pair(WORLDS[1], random, SLOWER) for _ in range(pairs // 2)]
    told = [one for found in same.values() for pair_ in found for one in pair_.values()]
    return {
        "false_alarms": max(_alarms(found[:]) for found in same.values()),
        "coverage": min(value for found in same.values() for value in _coverage(found)),
        "power": float(np.mean([called(found)["p95"] == "worse" for found in slower])),
        "too_little_data": float(np.mean([one.p is None for one in told])),
        "pairs": pairs,
    }


@click.command(help=measure.__doc__)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option(
    "--pairs", default=200, show_default=True, help="Pairs in each world; half as many for the power."
)
@click.option("--seed", default=1, show_default=True, help="Of the simulation.")
def main(as_json: bool, pairs: int, seed: int) -> None:
    report(partial(measure, pairs, seed)(), BARS, as_json=as_json)


if __name__ == "__main__":
    main()
