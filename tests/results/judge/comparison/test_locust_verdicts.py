"""Locust's files whose difference anyone sees, and what is said of it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from pathlib import Path

import numpy as np
import pytest

from brownout_results.judge.comparison.sections import Section, Side, sections
from brownout_results.measure.resampling.locust_source import LocustSource
from brownout_results.read.locust_csv import read
from tests.results.judge.comparison.test_statistics import wandering

HEADER = (
    "Timestamp,User Count,Type,Name,Requests/s,Failures/s,50%,66%,75%,80%,90%,95%,98%,99%,99.9%,99.99%,100%,"
    "Total Request Count,Total Failure Count,Total Median Response Time,Total Average Response Time,"
    "Total Min Response Time,Total Max Response Time,Total Average Content Size"
)
START = 1_700_000_000


def source(
    folder: Path, requests: Sequence[int], failed: Sequence[int], users: Sequence[int] = (), latency: int = 30
) -> LocustSource:
    """A run by its history alone: totals by row, a second apart."""
    folder.mkdir()
    rows = [HEADER]
    for second, (total, wrong) in enumerate(zip(requests, failed, strict=True)):
        percentiles = ",".join([str(latency)] * 11)
        present = users[second] if users else 10
        rows.append(
            f"{START + second},{present},,Aggregated,0,0,{percentiles},{total},{wrong},20,22.5,5.1,90.2,100.0"
        )
    (folder / "x_stats_history.csv").write_text("\r\n".join([*rows, ""]))
    return LocustSource(read(folder / "x"))


def compared(before: LocustSource, after: LocustSource) -> Section:
    return sections([Side("before", [before]), Side("after", [after])])[0]


def totals(counts: Sequence[int]) -> list[int]:
    return list(accumulate(counts))


def steady(folder: Path, rate: int, seconds: int = 20) -> LocustSource:
    return source(folder, [rate * (second + 1) for second in range(seconds)], [0] * seconds)


BURST = [0, 260, 400, *range(410, 570, 10)]


@pytest.mark.parametrize("times", [1, 2, 7])
@pytest.mark.parametrize("quiet", [10, 40, 150])
def test_failures_that_come_in_one_burst_are_worse_than_none(tmp_path: Path, times: int, quiet: int) -> None:
    requests = [0, 260 * times, 400 * times]
    requests += [requests[-1] + 10 * times * (row + 1) for row in range(len(BURST) - 3)]
    before = steady(tmp_path / "ok", quiet, len(BURST))
    after = source(tmp_path / "burst", requests, [0, 260 * times] + [396 * times] * (len(BURST) - 2))

    found = compared(before, after)

    availability = found.differences[0]["availability"]
    assert availability.absolute == pytest.approx(-396 / requests[-1] * times)
    assert availability.low is not None
    assert availability.high is not None
    assert -1 <= availability.low < availability.high < 0
    assert found.verdicts[0]["availability"] == "worse"


@pytest.mark.parametrize("last", [1, 2, 3])
@pytest.mark.parametrize("is_first", [False, True])
def test_seconds_full_of_failures_are_worse_than_none(tmp_path: Path, last: int, is_first: bool) -> None:
    failures = [0] * (20 - last) + [200] * last
    requests = [10 + wrong for wrong in failures]
    before = source(tmp_path / "before", totals(requests), totals(failures))
    after = steady(tmp_path / "after", 100)

    found = compared(before, after) if is_first else compared(after, before)

    availability = found.differences[0]["availability"]
    assert found.verdicts[0]["availability"] == ("better" if is_first else "worse")
    assert availability.low is not None
    assert availability.high is not None
    assert -1 <= availability.low < availability.high <= 1


def waves(
    folder: Path, busy: float, seed: int, *, starts_busy: bool = True, stretch: int = 150, rows: int = 1200
) -> LocustSource:
    """100 or 2 users by turns; `busy` requests a second with many of them, 4 with few."""
    random = np.random.default_rng(seed)
    is_busy = (np.arange(rows) // stretch % 2 == 0) == starts_busy
    level = wandering(0.6, rows, seed)
    requests = random.poisson(np.where(is_busy, busy, 4.0) * np.exp(0.05 * level))
    users = np.where(is_busy, 100, 2)
    return source(folder, totals(requests.tolist()), [0] * rows, users.tolist())


@pytest.mark.parametrize("starts_busy", [True, False])
@pytest.mark.parametrize("stretch", [50, 150])
def test_under_a_load_that_changes_like_moments_are_compared(
    tmp_path: Path, stretch: int, starts_busy: bool
) -> None:
    """As a wave of users comes and goes, blocks of the whole run would say almost anything."""
    before = waves(tmp_path / "wave_a", 200, 1, starts_busy=starts_busy, stretch=stretch)
    after = waves(tmp_path / "wave_b", 276, 2, stretch=stretch)

    found = compared(before, after)

    rate = found.differences[0]["throughput"]
    assert found.verdicts[0]["throughput"] == "better"
    assert rate.low is not None
    assert rate.high is not None
    assert rate.low < 0.37 < rate.high
    assert rate.high - rate.low < 0.12


def test_waves_of_users_without_a_change_are_no_change(tmp_path: Path) -> None:
    found = compared(waves(tmp_path / "a", 200, 3), waves(tmp_path / "b", 200, 4))

    assert found.verdicts[0]["throughput"] not in ("better", "worse")
