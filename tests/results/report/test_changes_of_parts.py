"""What changes in one endpoint is in the sentence, however many runs are compared."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from brownout_results.judge.comparison.local_changes import word_of
from brownout_results.judge.comparison.sections import Side, sections
from brownout_results.measure.period import Period
from brownout_results.measure.resampling.sources import RunSource
from brownout_results.report.comparison_sentences import sentences
from tests.results.folders import Answers, load, make

SECONDS = 60
USUAL = {"/a": (40, 30.0), "/b": (40, 30.0), "/rare": (5, 30.0)}
"""Requests a second and their median duration in ms, by endpoint."""

HIDDEN = {**USUAL, "/rare": (5, 300.0)}
GONE = {"/a": (80, 30.0), "/rare": (5, 30.0)}


def source(folder: Path, seed: int, endpoints: Mapping[str, tuple[int, float]]) -> RunSource:
    random = np.random.default_rng(seed)
    answers, rows = [], []
    for second in range(SECONDS):
        counts = {name: int(random.poisson(rate)) for name, (rate, _) in endpoints.items()}
        answers += [
            Answers(second, (ms * random.lognormal(0, 0.3, counts[name])).tolist(), endpoint=("GET", name))
            for name, (_, ms) in endpoints.items()
            if counts[name]
        ]
        rows.append(load(second, sum(counts.values())))
    return RunSource(Period.of(make(folder, answers, rows)))


@pytest.mark.parametrize("others", [[HIDDEN], [HIDDEN, USUAL], [USUAL, USUAL, USUAL, USUAL, HIDDEN]])
def test_an_endpoint_that_is_hidden_in_the_total_is_told(
    tmp_path: Path, others: list[Mapping[str, tuple[int, float]]]
) -> None:
    sides = [
        Side(f"run{number}", [source(tmp_path / f"{number}", number, one)])
        for number, one in enumerate([USUAL, *others])
    ]
    first, *_ = sentences(sections(sides), [one.name for one in sides], "")
    assert "endpoint GET /rare is worse in" in first


def test_of_repeats_it_is_told_as_well(tmp_path: Path) -> None:
    of = {"before": USUAL, "after": HIDDEN, "again": USUAL}
    sides = [
        Side(name, [source(tmp_path / f"{name}{at}", 10 * place + at, of[name]) for at in range(3)])
        for place, name in enumerate(of)
    ]
    first, *_ = sentences(sections(sides), list(of), "")
    assert "endpoint GET /rare is worse in" in first


def test_an_endpoint_that_has_no_request_any_more_is_told(tmp_path: Path) -> None:
    before, after = source(tmp_path / "a", 1, USUAL), source(tmp_path / "b", 2, GONE)
    found = sections([Side("before", [before]), Side("after", [after])])
    first, *_ = sentences(found, ["before", "after"], "")
    assert "it has no request of endpoint GET /b (4" in first
    assert word_of(found) not in ("better", "equal", "too wide")
    back = sections([Side("after", [after]), Side("before", [before])])
    assert "has no request of" not in sentences(back, ["after", "before"], "")[0]
