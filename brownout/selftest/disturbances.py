"""What can be done to a part of brownout while a run goes on. One entry of ALL is one kind of disturbance."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil

CLOCK = Path(__file__).parent / "clock"
CLOCK_AFTER_S = 4.0
"""Time from the start of Locust's process: after its first seconds of load."""
LOCUST = "brownout.locust_main"
FLEET = "brownout_fleet"
SPARE = 2
"""Descriptors that a starved process may still open."""
BUSY = """
import sys, time
end = time.monotonic() + float(sys.argv[1])
while time.monotonic() < end:
    pass
"""


@dataclass(frozen=True)
class Disturbance:
    """One thing that goes wrong with brownout, not with the service."""

    name: str
    part: str
    """The module that the disturbed process runs."""
    disturb: Callable[[psutil.Process, float], None]
    """Disturbs that process for so many seconds, and takes the disturbance back."""
    options: Sequence[str] = ()
    """Options of Locust, after `--`."""
    variables: Mapping[str, str] = field(default_factory=dict)
    """Variables of the run's environment."""


def _stop(process: psutil.Process, seconds: float) -> None:
    with _gone_is_fine():
        process.suspend()
        try:
            time.sleep(seconds)  # the disturbance itself: there is nothing to wait for
        finally:
            process.resume()


def _starve(process: psutil.Process, seconds: float) -> None:
    _limit(process, psutil.RLIMIT_NOFILE, process.num_fds() + SPARE, seconds)


def _fill_disk(process: psutil.Process, seconds: float) -> None:
    """No file grows beyond a byte: a write fails as on a full disk, and no other process is in the way."""
    _limit(process, psutil.RLIMIT_FSIZE, 1, seconds)


def _limit(process: psutil.Process, kind: int, value: int, seconds: float) -> None:
    with _gone_is_fine():
        soft, hard = process.rlimit(kind)
        process.rlimit(kind, (value, hard))
        time.sleep(seconds)  # the disturbance itself
        process.rlimit(kind, (soft, hard))


def _hog(_process: psutil.Process, seconds: float) -> None:
    """Four busy processes for each core; each ends by itself as well."""
    busy = [
        subprocess.Popen([sys.executable, "-c", BUSY, str(seconds)]) for _ in range(4 * (os.cpu_count() or 1))
    ]
    try:
        for process in busy:
            process.wait()
    finally:
        for process in busy:
            process.kill()
            process.wait()


def _kill(process: psutil.Process, _seconds: float) -> None:
    with _gone_is_fine():
        process.kill()


def _stop_worker(process: psutil.Process, seconds: float) -> None:
    _stop(process.children()[0], seconds)


def _kill_worker(process: psutil.Process, seconds: float) -> None:
    """Its last messages are lost with it."""
    _kill(process.children()[0], seconds)


def _wait(_process: psutil.Process, seconds: float) -> None:
    time.sleep(seconds)  # the clock steps by itself


@contextmanager
def _gone_is_fine() -> Iterator[None]:
    with contextlib.suppress(psutil.NoSuchProcess):
        yield


def _stepping(seconds: float) -> dict[str, str]:
    return {"PYTHONPATH": str(CLOCK), "BROWNOUT_SELFTEST_CLOCK": f"{CLOCK_AFTER_S},{seconds}"}


WORKERS = ("--processes", "2")
ALL = (
    Disturbance("load generator stopped", LOCUST, _stop),
    Disturbance("fleet process stopped", FLEET, _stop),
    Disturbance("worker stopped", LOCUST, _stop_worker, WORKERS),
    Disturbance("worker killed", LOCUST, _kill_worker, WORKERS),
    Disturbance("load generator killed", LOCUST, _kill),
    Disturbance("load generator out of descriptors", LOCUST, _starve),
    Disturbance("fleet process out of descriptors", FLEET, _starve),
    Disturbance("disk full", LOCUST, _fill_disk),
    Disturbance("machine busy", LOCUST, _hog),
    Disturbance("clock stepped forward", LOCUST, _wait, variables=_stepping(30.0)),
    Disturbance("clock stepped back", LOCUST, _wait, variables=_stepping(-30.0)),
)


def part_of(root: psutil.Process, module: str) -> psutil.Process | None:
    """Find the process below `root` that runs this module, and not one that it has forked."""
    for process in root.children(recursive=True):
        with _gone_is_fine():
            arguments = process.cmdline()
            if "-m" in arguments and arguments[arguments.index("-m") + 1] == module:
                return process
    return None
