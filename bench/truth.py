"""`python -m bench.truth`: whether the comparison of runs tells the truth, on simulated pairs of runs.

200 requests a second with log-normal latencies, whose level wanders from second to second as AR(1) with
coefficient φ and spread σ; some fail, more of them in slow seconds. `false_alarms` is the share of pairs
without a difference of which any figure is called better or worse, in the world where it is largest;
`coverage` is how many of the 95 % intervals hold the truth, of the figure and in the world where that is
fewest, and `coverage_mean` of all; `power` is how often p95 is called worse when latencies are 10 % longer,
in the second world.

`phases_…`: runs with a baseline, a fault and a recovery of 10 s each, 50 requests a second. `better` is how
often availability in the fault is called better where it was 70 % and is 99 %, in the world where that is
fewest; `false_alarms` how often anything in any phase is called better or worse where it was and is 70 %.
The same of phases of 5 and of 20 s.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import partial

import click
import numpy as np

from bench.figures import Figures, report
from bench.worlds import FIGURES as SIMULATED
from bench.worlds import WORLDS, World, phases, run
from brownout_results.judge.comparison.difference import Difference, difference
from brownout_results.judge.comparison.verdicts import verdicts, weight_of
from brownout_results.measure.figures import FIGURES, MEASURES
from brownout_results.measure.resampling.estimates import Estimate, estimates

PARTS = {10: 2.5, 5: 10, 20: 10}
"""Seconds of phases, and which part of the pairs they have: most where the bars are, or chance decides."""

BARS = {
    "false_alarms": "≤ 0.06",
    "coverage": "0.92 to 0.98",
    "coverage_mean": "0.92 to 0.98",
    "power": "≥ 0.9",
    "phases_10s_better": "≥ 0.99",
    "phases_10s_false_alarms": "≤ 0.06",
}
SLOWER = float(np.log(1.1))
FAILING, HEALTHY = 0.7, 0.99
PHASED_REQUESTS_S = 50
IS_GOOD_UP = {figure.name: figure.is_good_up for figure in FIGURES}


def pair(world: World, random: np.random.Generator, change: float = 0.0) -> dict[str, Difference]:
    """The differences of two runs, of which the second may be slower."""
    before, after = estimates([run(world, random, shift) for shift in (0.0, change)])
    return _differences(before, after)


def _differences(before: Mapping[str, Estimate], after: Mapping[str, Estimate]) -> dict[str, Difference]:
    return {
        name: difference(before[name], after[name], is_log=MEASURES[name].is_log, unit=_unit(name))
        for name in before
    }


def _unit(name: str) -> str:
    return next(figure.unit for figure in FIGURES if figure.name == name)


def called(found: dict[str, Difference]) -> dict[str, str]:
    """The verdict on each figure."""
    return verdicts(found, IS_GOOD_UP, weights={name: weight_of(name) for name in found})


def phases_compared(
    world: World, seconds: int, random: np.random.Generator, availability: tuple[float, float]
) -> dict[tuple[int, str], str]:
    """The verdict on each figure of each phase of two runs, whose faults leave so much availability."""
    runs = [phases(world, seconds, random, PHASED_REQUESTS_S, share) for share in availability]
    family: dict[tuple[int, str], Difference] = {}
    for number in range(len(runs[0])):
        others = [phase for one in runs for place, phase in enumerate(one) if place != number]
        before, after = estimates([one[number] for one in runs], others)
        family |= {(number, name): one for name, one in _differences(before, after).items()}
    good = {key: IS_GOOD_UP[key[1]] for key in family}
    return verdicts(family, good, weights={key: weight_of(key[1]) for key in family})


def _is_alarm(words: Iterable[str]) -> bool:
    return bool({"better", "worse"} & set(words))


def _coverage(pairs: list[dict[str, Difference]]) -> Iterator[float]:
    for name in SIMULATED:
        known = [(found[name].low, found[name].high) for found in pairs]
        inside = [low <= 0 <= high for low, high in known if low is not None and high is not None]
        if len(inside) > len(pairs) / 2:
            yield float(np.mean(inside))


def _short(seconds: int, pairs: int, random: np.random.Generator) -> Figures:
    """How phases of so many seconds are judged."""
    better, alarms = [], []
    for world in WORLDS:
        told = [phases_compared(world, seconds, random, (FAILING, HEALTHY)) for _ in range(pairs)]
        better.append(np.mean([words[1, "availability"] == "better" for words in told]))
        same = [phases_compared(world, seconds, random, (FAILING, FAILING)) for _ in range(pairs)]
        alarms.append(np.mean([_is_alarm(words.values()) for words in same]))
    name = f"phases_{seconds}s"
    return {f"{name}_better": float(min(better)), f"{name}_false_alarms": float(max(alarms))}


def measure(pairs: int, seed: int) -> Figures:
    """How often a comparison is wrong about simulated runs of which the truth is known."""
    random = np.random.default_rng(seed)
    same = {world: [pair(world, random) for _ in range(pairs)] for world in WORLDS}
    slower = [pair(WORLDS[1], random, SLOWER) for _ in range(pairs)]
    told = [one for found in same.values() for pair_ in found for one in pair_.values()]
    coverage = [value for found in same.values() for value in _coverage(found)]
    return {
        "false_alarms": max(
            float(np.mean([_is_alarm(called(found).values()) for found in pairs_]))
            for pairs_ in same.values()
        ),
        "coverage": min(coverage),
        "coverage_mean": float(np.mean(coverage)),
        "power": float(np.mean([called(found)["p95"] == "worse" for found in slower])),
        "too_few": float(np.mean([one.p is None for one in told])),
        **{
            name: value
            for seconds, part in PARTS.items()
            for name, value in _short(seconds, max(int(pairs / part), 1), random).items()
        },
        "pairs": pairs,
    }


@click.command(help=measure.__doc__)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option(
    "--pairs",
    default=800,
    show_default=True,
    help="Pairs in each world; two fifths as many of phases of 10 s.",
)
@click.option("--seed", default=1, show_default=True, help="Of the simulation.")
def main(as_json: bool, pairs: int, seed: int) -> None:
    report(partial(measure, pairs, seed)(), BARS, as_json=as_json)


if __name__ == "__main__":
    main()
