"""One round: a real `brownout run`, a disturbance in the middle, and what the run folder says afterwards."""

from __future__ import annotations

import contextlib
import csv
import json
import os
import random
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from brownout.selftest.disk import disk_of
from brownout.selftest.disturbances import ALL, Disturbance, part_of
from brownout_results.measure.harness import seconds_of_others
from brownout_results.read import run_folder

USERS = Path(__file__).parent / "users.py"
LOAD = (
    "--users",
    "24",
    "--spawn-rate",
    "4",
    "--run-time",
    "8s",
    "--policy",
    "none",
    "--locustfile",
    str(USERS),
)
PORTS = ("--client-port", "0", "--backend-port", "0")
START_DEADLINE_S = 60.0
RUN_DEADLINE_S = 90.0
LONGEST_S = 2.5
SHORTEST_S = 1.0
KNOWN_CAUSE = "404"
HARNESS_EVENTS = {"suspend", "clock-step", "worker", "writing", "stall", "busy"}
WELL = {"reporting", "finished"}
"""States of a worker that are no news."""
POLL_S = 0.05


@dataclass(frozen=True)
class Plan:
    """What happens in a round."""

    number: int
    disturbance: Disturbance | None
    """None leaves the run alone."""
    after_s: float
    """Time from the first second that the run has recorded."""
    seconds: float


OTHERS_S = 2
"""An undisturbed run in which others took the machine for as long is disturbed by them."""


@dataclass(frozen=True)
class RoundResult:
    """What a round has come to."""

    plan: Plan
    code: int
    """Exit code of `brownout run`."""
    reads: bool
    """Whether the run folder and its report could be read."""
    invalid: str | None = None
    notices: tuple[str, ...] = ()
    told: tuple[str, ...] = ()
    """Kinds of events on the report's timeline that say what the harness went through."""
    others_s: int = 0
    """Seconds in which processes that have nothing to do with the run took the machine."""
    figures: dict[str, float] | None = None
    """Figures of the report: p50 and p95, in ms."""
    other_causes: int = 0
    """Failures that the run folder calls the target's, and whose cause is not the one that is known."""
    failed: int = 0
    """Requests that the run folder has as not ok."""
    failed_for_locust: int = 0
    """The same in Locust's own table."""

    @property
    def is_quiet(self) -> bool:
        """Whether nobody has disturbed the run, other processes of the machine included."""
        return self.plan.disturbance is None and self.others_s < OTHERS_S


def plans(seed: int, disturbed: int, undisturbed: int) -> list[Plan]:
    """Return the rounds of a seed: each kind of disturbance once before any comes twice."""
    chance = random.Random(seed)
    kinds: list[Disturbance] = []
    while len(kinds) < disturbed:
        kinds += chance.sample(ALL, len(ALL))
    rounds: list[Disturbance | None] = [*kinds[:disturbed]]
    for _ in range(undisturbed):
        rounds.insert(chance.randint(0, len(rounds)), None)
    return [
        Plan(number, kind, chance.uniform(0.5, 2.0), chance.uniform(SHORTEST_S, LONGEST_S))
        for number, kind in enumerate(rounds, start=1)
    ]


def perform(plan: Plan, out: Path) -> RoundResult:
    """Run a round below `out`. Nothing of it is left running."""
    folder = out / f"round-{plan.number}"
    folder.mkdir(parents=True)
    kind = plan.disturbance
    options = [*kind.run_options, *(["--", *kind.options] if kind.options else [])] if kind else []
    command = [sys.executable, "-P", "-m", "brownout", "run", *LOAD, *PORTS]
    with disk_of(folder, kind.disk_mb if kind else 0), (folder / "output.txt").open("wb") as output:
        process = psutil.Popen(
            [*command, "--out", str(folder), "--log-dir", str(folder / "logs"), *options],
            stdout=output,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            env={**os.environ, **(kind.variables if kind else {})},
        )
        try:
            if kind and _has_recorded(process, folder):
                time.sleep(plan.after_s)  # the moment that the seed has chosen
                if part := part_of(process, kind.part):
                    kind.disturb(part, plan.seconds)
            code = process.wait(RUN_DEADLINE_S)
        finally:
            _end(process)
    return _read(plan, int(code), folder)


def _has_recorded(process: psutil.Popen, folder: Path) -> bool:
    """Wait until the run has recorded a second; False if it ended before."""
    deadline = time.monotonic() + START_DEADLINE_S
    while time.monotonic() < deadline and process.poll() is None:
        if any(path.read_text("utf-8").count("\n") > 1 for path in folder.glob("*/load.csv")):
            return True
        time.sleep(POLL_S)
    return False


def _end(process: psutil.Popen) -> None:
    """End the run with all that it has started, should it still be there."""
    if process.poll() is not None:
        return
    below = process.children(recursive=True)
    process.terminate()
    try:
        process.wait(START_DEADLINE_S)
    except psutil.TimeoutExpired:
        for one in [process, *below]:
            one.kill()
        process.wait(START_DEADLINE_S)


def _read(plan: Plan, code: int, folder: Path) -> RoundResult:
    try:
        [run] = folder.glob("*/run.json")
        document = json.loads((run.parent / "summary.json").read_text("utf-8"))
    except (OSError, ValueError):
        return RoundResult(plan, code, reads=False)
    told: dict[str, Any] = document["runs"][0]
    return RoundResult(
        plan,
        code,
        reads=True,
        invalid=told["invalid"],
        notices=tuple(document["notices"]),
        told=_told(run.parent / "events.jsonl"),
        others_s=seconds_of_others(run_folder.read(run.parent)),
        figures={name: told["figures"][name] for name in ("p50", "p95") if name in told["figures"]},
        other_causes=_other_causes(run.parent / "causes.csv"),
        failed=sum(int(row["requests"]) for row in _rows(run.parent / "causes.csv")),
        failed_for_locust=_failed_for_locust(run.parent / "locust_stats.csv"),
    )


def _told(path: Path) -> tuple[str, ...]:
    events = []
    for line in path.read_text("utf-8").splitlines():
        with contextlib.suppress(ValueError):  # cut off by a kill
            events.append(json.loads(line))
    return tuple(
        event["kind"]
        for event in events
        if event["kind"] in HARNESS_EVENTS and event.get("state") not in WELL and "service" not in event
    )


def _other_causes(path: Path) -> int:
    return sum(
        int(row["requests"])
        for row in _rows(path)
        if row["outcome"] == "error" and KNOWN_CAUSE not in row["cause"]
    )


def _failed_for_locust(path: Path) -> int:
    return sum(int(row["Failure Count"]) for row in _rows(path) if row["Name"] == "Aggregated")


def _rows(path: Path) -> list[dict[str, str]]:
    try:
        return list(csv.DictReader(path.read_text("utf-8").splitlines()))
    except OSError:
        return []
