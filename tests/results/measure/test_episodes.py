"""Long stretches unlike the rest of a run and unlike the other run are conditions of their own."""

from __future__ import annotations

import numpy as np
import pytest

from brownout_results.measure.resampling.counts import Floats, Seconds
from brownout_results.measure.resampling.episodes import conditioned
from brownout_results.measure.resampling.estimators import DURATIONS, RATED, TIMED

SECONDS = 60
USUAL = {"failing": 0.0, "rate": 50.0, "ms": 30.0}
AT: Floats = np.arange(SECONDS, dtype=np.float64)


def seconds(seed: int, when: np.ndarray[tuple[int], np.dtype[np.bool_]], **then: float) -> Seconds:
    """Poisson arrivals; in some seconds another level."""
    random = np.random.default_rng(seed)
    level = {name: np.where(when, then.get(name, usual), usual) for name, usual in USUAL.items()}
    requests = random.poisson(level["rate"]).astype(np.float64)
    failed = random.binomial(requests.astype(np.int64), level["failing"]).astype(np.float64)
    totals = {
        "requests": requests,
        "ok": requests - failed,
        f"{RATED}seconds": np.ones(SECONDS),
        f"{RATED}requests": requests,
        f"{RATED}ok": requests - failed,
        TIMED: requests,
        DURATIONS: requests * level["ms"] * random.lognormal(0, 0.04, SECONDS),
    }
    return Seconds(np.zeros(SECONDS, np.int64), 1, totals)


HEALTHY = AT < 0
KINDS = [{"failing": 0.5}, {"rate": 5.0}, {"rate": 0.0}, {"ms": 300.0}]
PLACES = [AT >= 30, AT < 30, (AT >= 20) & (AT < 30), AT >= 50, AT < 12]


def edges_of(one: Seconds | None) -> list[int]:
    assert one is not None
    return np.flatnonzero(np.diff(one.strata)).tolist()


@pytest.mark.parametrize("then", KINDS)
@pytest.mark.parametrize("when", PLACES)
def test_a_long_stretch_that_the_other_run_lacks_is_a_condition(
    when: np.ndarray[tuple[int], np.dtype[np.bool_]], then: dict[str, float]
) -> None:
    odd, usual = seconds(1, when, **then), seconds(2, HEALTHY)
    for pair in ([usual, odd], [odd, usual]):
        found = conditioned(pair)
        assert edges_of(found[pair.index(odd)]) == np.flatnonzero(np.diff(when)).tolist()
        assert edges_of(found[pair.index(usual)]) == []


@pytest.mark.parametrize("then", KINDS)
def test_what_both_runs_have_is_none(then: dict[str, float]) -> None:
    several = [seconds(1, AT >= 40, **then), seconds(2, (AT >= 10) & (AT < 25), **then)]
    assert [edges_of(one) for one in conditioned(several)] == [[], []]


@pytest.mark.parametrize("then", KINDS)
def test_short_bursts_are_none(then: dict[str, float]) -> None:
    several = [seconds(1, (AT % 15) < 3, **then), seconds(2, HEALTHY)]
    assert [edges_of(one) for one in conditioned(several)] == [[], []]


def test_a_level_that_wanders_a_little_is_none() -> None:
    several = [seconds(1, AT >= 30, ms=45.0, rate=40.0, failing=0.05), seconds(2, HEALTHY)]
    assert [edges_of(one) for one in conditioned(several)] == [[], []]


def test_each_run_is_held_against_the_baseline() -> None:
    outage = AT >= 30
    several = [seconds(1, HEALTHY), seconds(2, outage, failing=0.5), None, seconds(3, HEALTHY)]
    found = conditioned(several)
    assert edges_of(found[1]) == [29]
    assert found[2] is None
    assert edges_of(found[3]) == []
