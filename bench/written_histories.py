"""Simulated runs as Locust's own code counts and writes them, in the formats of several versions.

`python -m bench.written_histories FOLDER` makes a folder for each world, with a history for each format and
the durations that are in it (`truth.npz`). It is a process of its own, since importing Locust patches one.
"""

from __future__ import annotations

import gevent.monkey

gevent.monkey.patch_all()

import csv  # noqa: E402 - Locust patches what is imported before it
import sys  # noqa: E402
from collections.abc import Callable, Iterator  # noqa: E402
from dataclasses import dataclass  # noqa: E402
from pathlib import Path  # noqa: E402
from types import SimpleNamespace  # noqa: E402
from typing import Any  # noqa: E402

import locust.stats  # noqa: E402
import numpy as np  # noqa: E402
from locust.env import Environment  # noqa: E402
from locust.stats import PERCENTILES_TO_REPORT, StatsCSVFileWriter, StatsEntry  # noqa: E402

BEGAN = 1_700_000_000
CUSTOM = [0.5, 0.6, 0.9, 0.95, 0.995, 1.0]
CLOCK = SimpleNamespace(now=float(BEGAN))


@dataclass(frozen=True)
class World:
    """How a run goes: a rate, and the logarithm's median and spread second by second."""

    seconds: int
    rate: float
    median_ms: Callable[[int], float]
    spread: float = 0.5
    share_of_fast: Callable[[int], float] = lambda _: 0.0
    """Requests that are answered within a few ms, as refused ones are."""


WORLDS = {
    "steady": World(300, 40, lambda _: 60),
    "long": World(1200, 20, lambda _: 40),
    "sparse": World(240, 2, lambda _: 60),
    "wide": World(240, 40, lambda _: 60, 1.2),
    "narrow": World(240, 40, lambda _: 60, 0.05),
    "slow": World(240, 40, lambda at: 300 if 120 <= at < 150 else 50),
    "very slow": World(180, 20, lambda at: 20_000 if 60 <= at < 90 else 3000, 0.8),
    "refused": World(240, 40, lambda _: 80, 0.4, lambda at: 0.8 if 60 <= at < 90 else 0.0),
    "drift": World(300, 40, lambda at: 20 + at),
    "quick": World(240, 60, lambda _: 1.5, 0.8),
}


class Cumulative(StatsCSVFileWriter):
    """As Locust 1.2 to 2.2.1 wrote a full history: its percentiles count from the start."""

    def _percentile_fields(self, stats_entry: StatsEntry, use_current: bool = False) -> Any:
        return super()._percentile_fields(stats_entry, use_current=use_current and False)


class Truncated(StatsCSVFileWriter):
    """As Locust 1.0 and 1.1 wrote it: quotes, percentiles of the moment, and means cut to whole numbers."""

    def _stats_history_data_rows(self, csv_writer: Any, now: float) -> None:  # noqa: ARG002 - theirs
        total = self.environment.stats.total
        percentiles = [int(total.get_current_response_time_percentile(one) or 0) for one in self.percents]
        numbers: list[float] = [total.num_requests, total.num_failures, total.median_response_time]
        numbers += [total.avg_response_time, total.min_response_time or 0, total.max_response_time]
        cells = ",".join(f"{int(one)}" for one in [*percentiles, *numbers, total.avg_content_length])
        self.stats_history_csv_filehandle.write(f'"{int(now)}","5","","Aggregated",1.00,0.00,{cells}\n')

    @property
    def percents(self) -> list[float]:
        """Its percentiles."""
        return [*PERCENTILES_TO_REPORT[:-1], 0.99999, 1.0]

    def header(self) -> list[str]:
        """Its columns, of which one more than today's."""
        columns = list(self.stats_history_csv_columns)
        return [*columns[: columns.index("100%")], "99.999%", *columns[columns.index("100%") :]]


FORMATS: dict[str, tuple[type[StatsCSVFileWriter], list[float], bool]] = {
    "today": (StatsCSVFileWriter, PERCENTILES_TO_REPORT, False),
    "today-full": (StatsCSVFileWriter, PERCENTILES_TO_REPORT, True),
    "custom": (StatsCSVFileWriter, CUSTOM, False),
    "1.2-full": (Cumulative, PERCENTILES_TO_REPORT, True),
    "1.1": (Truncated, PERCENTILES_TO_REPORT, False),
}


def write(folder: Path, world: World, random: np.random.Generator) -> None:
    """Write the world's run in every format, a row a second."""
    CLOCK.now = float(BEGAN)
    environment = Environment()
    writers = list(_writers(folder, environment))
    log: Callable[[str, str, float, int], None] = environment.stats.log_request  # type: ignore[assignment] # it takes floats
    durations, rows = [], []
    for second in range(world.seconds):
        for ms in _durations(world, second, random):
            name = "/slow" if ms > world.median_ms(second) else "/fast"
            log("GET", name, ms, 100)
            durations.append(ms)
            rows.append(second)
        CLOCK.now += 1
        for writer in writers:
            writer._stats_history_data_rows(writer.stats_history_csv_writer, CLOCK.now)
    for writer in writers:
        writer.close_files()
    np.savez(folder / "truth.npz", durations=np.array(durations), rows=np.array(rows))


def _durations(world: World, second: int, random: np.random.Generator) -> list[float]:
    requests = random.poisson(world.rate)
    slow = world.median_ms(second) * np.exp(random.normal(0, world.spread, requests))
    is_fast = random.random(requests) < world.share_of_fast(second)
    return [float(one) for one in np.where(is_fast, random.uniform(1, 4, requests), slow)]


def _writers(folder: Path, environment: Environment) -> Iterator[StatsCSVFileWriter]:
    for name, (kind, percents, is_full) in FORMATS.items():
        (folder / name).mkdir(parents=True)
        writer = kind(environment, percents, str(folder / name / "x"), is_full)
        columns = writer.header() if isinstance(writer, Truncated) else writer.stats_history_csv_columns
        csv.writer(writer.stats_history_csv_filehandle).writerow(columns)
        writer._stats_history_data_rows(writer.stats_history_csv_writer, CLOCK.now)
        yield writer


if __name__ == "__main__":
    setattr(locust.stats, "time", SimpleNamespace(time=lambda: CLOCK.now))  # noqa: B010 - simulated seconds
    for number, (name, world) in enumerate(WORLDS.items()):
        write(Path(sys.argv[1]) / name, world, np.random.default_rng([int(sys.argv[2]), number]))
