"""A long outage against a healthy run is worse, and the other way round better."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from brownout_results.judge.comparison.sections import Side, sections
from brownout_results.measure.period import Period
from brownout_results.measure.resampling.sources import RunSource
from tests.results.folders import Answers, load, make

SECONDS = 60


def source(folder: Path, seed: int, outage: range, kind: str) -> RunSource:
    """Twenty requests a second but for an outage of a kind."""
    random = np.random.default_rng(seed)
    answers, rows = [], []
    for second in range(SECONDS):
        is_out = second in outage
        requests = int(random.poisson(2 if is_out and kind == "rate" else 20))
        times = (random.lognormal(3, 0.3, requests) * (10 if is_out and kind == "slow" else 1)).tolist()
        failed = int(random.binomial(requests, 0.5)) if is_out and kind == "failing" else 0
        parts = {"ok": times[failed:], "error": times[:failed]}
        answers += [Answers(second, part, outcome) for outcome, part in parts.items() if part]
        rows.append(load(second, requests))
    return RunSource(Period.of(make(folder, answers, rows)))


@pytest.mark.parametrize(
    ("kind", "figure"), [("failing", "availability"), ("rate", "goodput"), ("slow", "mean")]
)
@pytest.mark.parametrize("outage", [range(30, 60), range(20, 32)])
def test_a_long_outage_is_judged(tmp_path: Path, outage: range, kind: str, figure: str) -> None:
    healthy = source(tmp_path / "healthy", 1, range(0), kind)
    odd = source(tmp_path / "odd", 2, outage, kind)
    for sides, word in (((healthy, odd), "worse"), ((odd, healthy), "better")):
        found = sections([Side(name, [one]) for name, one in zip("ab", sides, strict=True)])
        assert found[0].verdicts[0][figure] == word


def test_bursts_of_both_runs_are_too_wide_to_tell(tmp_path: Path) -> None:
    several = [source(tmp_path / f"{at}", at, range(at, at + 12), "failing") for at in (10, 40)]
    found = sections([Side(f"{number}", [one]) for number, one in enumerate(several)])
    assert found[0].verdicts[0]["availability"] == "too wide"
