"""Phases of a few seconds: shares and rates are judged where the evidence is there."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bench import worlds
from bench.truth import phases_compared
from brownout_results.judge.comparison.sections import Side, sections
from brownout_results.measure.figures import MEASURES
from brownout_results.measure.period import Period
from brownout_results.measure.resampling.dispersion import Dispersion, dispersion, worst
from brownout_results.measure.resampling.estimates import estimates
from brownout_results.measure.resampling.estimators import ShareEstimator
from brownout_results.measure.resampling.sources import RunSource
from tests.results.folders import Answers, make, open_load, phase
from tests.results.report.runs import MANIFEST

WORLDS = worlds.WORLDS
PAIRS = 5


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


def demo(folder: Path, during: int, seconds: float, seed: int) -> RunSource:
    """50 requests a second; in the fault's seconds `during` per cent of them succeed."""
    random = np.random.default_rng(seed)
    marks = [("baseline", 0.6), ("during", 0.6 + seconds), ("recovery", 0.6 + 2 * seconds)]
    length = int(3 * seconds) + 1
    answers = []
    for second in range(length):
        is_fault = marks[1][1] <= second < marks[2][1]
        failed = int(random.binomial(50, 1 - during / 100)) if is_fault else 0
        times = random.lognormal(3, 0.3, 50).tolist()
        answers.append(Answers(second, times[failed:]))
        if failed:
            answers.append(Answers(second, times[:failed], "error"))
    rows = [open_load(second, 50) for second in range(length)]
    events = [phase(at, name) for name, at in marks]
    run = make(folder, answers, rows, events=events, manifest=MANIFEST)
    return RunSource(Period.of(run))


@pytest.mark.parametrize("seconds", [6, 10])
def test_the_fault_phase_of_a_demo_is_better_with_a_policy_that_helps(tmp_path: Path, seconds: float) -> None:
    """69 % and then 99.7 % succeeded in the fault."""
    before, after = demo(tmp_path / "none", 69, seconds, 1), demo(tmp_path / "full", 100, seconds, 2)

    found = {one.name: one for one in sections([Side("none", [before]), Side("full", [after])])}

    assert found["during"].verdicts[0]["availability"] == "better"
    assert found["during"].verdicts[0]["goodput"] == "better" or seconds < 10
    assert found["baseline"].verdicts[0]["availability"] not in ("better", "worse")
