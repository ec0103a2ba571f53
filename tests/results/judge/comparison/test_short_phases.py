"""Phases of a few seconds: shares and rates are judged where the evidence is there."""

from __future__ import annotations

import numpy as np
import pytest

from bench import worlds
from bench.truth import phases_compared
from brownout_results.measure.figures import FIGURES, MEASURES
from brownout_results.measure.resampling.dispersion import Dispersion, dispersion, worst
from brownout_results.measure.resampling.estimates import estimates
from brownout_results.measure.resampling.estimators import ShareEstimator

WORLDS = worlds.WORLDS
PAIRS = 5
IS_GOOD_UP = {figure.name: figure.is_good_up for figure in FIGURES}


@pytest.mark.parametrize("seconds", [5, 10, 20])
@pytest.mark.parametrize("world", WORLDS)
def test_a_fault_phase_that_fails_less_is_better(world: worlds.World, seconds: int) -> None:
    random = np.random.default_rng(1)
    seen = [phases_compared(world, seconds, random, (0.6, 0.99))[1, "availability"] for _ in range(PAIRS)]
    assert seen.count("better") >= PAIRS - 1


@pytest.mark.parametrize("seconds", [5, 10, 20])
@pytest.mark.parametrize("world", WORLDS)
def test_phases_without_a_difference_seldom_alarm(world: worlds.World, seconds: int) -> None:
    random = np.random.default_rng(2)
    alarms = [
        {"better", "worse"} & set(phases_compared(world, seconds, random, (0.7, 0.7)).values())
        for _ in range(PAIRS)
    ]
    assert sum(map(bool, alarms)) <= 1


def test_the_worst_dispersion_is_lent() -> None:
    known = [Dispersion(0.01, 9), None, Dispersion(0.2, 5)]
    assert worst(known) == Dispersion(0.2, 5)
    assert worst([None]) is None
    assert Dispersion(0.2, 5).of(50) == 11
    assert Dispersion(-0.5, 5).of(50) == 0


def test_a_short_phase_takes_over_how_failures_of_the_others_go_together() -> None:
    """The same counts are surer beside phases whose failures come singly than beside bursts."""
    random = np.random.default_rng(3)
    calm, bursts = (
        worlds.observed(np.zeros(60) + level, random, errors=0.05, requests_s=50)
        for level in (0.0, np.where(np.arange(60) % 12 < 4, 1.0, -3.0))
    )
    short = worlds.observed(np.zeros(6), random, errors=0.3, requests_s=50)
    alone, beside = (estimates([short], [other])[0]["availability"] for other in (calm, bursts))
    assert alone.error is not None
    assert beside.error is not None
    assert beside.error > 1.5 * alone.error
    measure = MEASURES["availability"]
    assert isinstance(measure, ShareEstimator)
    assert calm.seconds is not None
    found = dispersion(measure, calm.seconds, 1)
    assert found is not None
    assert abs(found.excess) < 0.02
