"""Runs that bench.obvious writes are read as what they are, and their large changes are named."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bench.obvious import CHANGES, USUAL, cases, is_contradicted, is_named, measure, simulated
from bench.written_runs import FOLDER, FORMATS, SOURCES, write
from brownout.comparison import document_of
from brownout_results.read.locust_csv import Lack, read
from brownout_results.report.runs import read_run

GENERATIONS = {"0.14.6": "G1", "1.1": "G2", "1.4.1": "G3", "2.2.1": "G4", "2.31.8": "G4", "2.47.0": "G5"}


@pytest.mark.parametrize("version", FORMATS)
def test_files_of_a_version_are_read_as_that_version_s_with_the_same_requests(
    version: str, tmp_path: Path
) -> None:
    run = simulated(USUAL, np.random.default_rng(1))

    found = read(write(tmp_path / "run", version, run))

    assert (found.generation, found.problems) == (GENERATIONS[version], [])
    assert (found.total.requests, found.total.failed) == (len(run.second), run.failed.sum())
    assert found.duration_s == pytest.approx(run.seconds, abs=2)
    assert sum(one.occurrences for one in found.failures) == run.failed.sum()
    p95 = np.percentile(run.durations_ms, 95)
    assert found.total.percentiles_ms[95.0] == pytest.approx(p95, rel=0.06)
    assert (Lack.PERCENTILES_CUMULATIVE in found.lacks) is not FORMATS[version].is_of_the_moment


@pytest.mark.parametrize(("kind", "source"), list(zip(CHANGES, SOURCES[1:], strict=False)))
def test_a_large_change_is_named_whatever_it_is_and_whatever_wrote_it(
    kind: str, source: str, tmp_path: Path
) -> None:
    _, *worlds = CHANGES[kind]
    for number, world in enumerate(worlds):
        run = simulated(world, np.random.default_rng(number))
        for one in (source, FOLDER):
            write(tmp_path / one / str(number), one, run)

    for one in (source, FOLDER):
        document = document_of([read_run(tmp_path / one / str(number)) for number in (0, 1)], repeats=False)
        assert is_named(document.sentences[0], kind, is_loss=True), document.sentences
        assert not is_contradicted(document.tone, kind, is_loss=True)


def test_there_are_sixty_pairs_of_five_kinds_and_every_source() -> None:
    pairs = list(cases())

    assert (len(pairs), len(set(pairs))) == (60, 60)
    assert {source for _, source, is_loss in pairs if not is_loss} == set(SOURCES)


@pytest.mark.slow
def test_all_are_named() -> None:
    found = measure(seed=2)

    assert (found["named"], found["contradicted"]) == (60, 0)
