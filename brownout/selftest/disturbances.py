"""What can be done to a part of brownout while a run goes on. One entry of ALL is one kind of disturbance."""

from __future__ import annotations

import contextlib
import errno
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from brownout.selftest.disk import has_own_disk

CLOCK = Path(__file__).parent / "clock"
CLOCK_AFTER_S = 4.0
"""Time from the start of Locust's process: after its first seconds of load."""
LOCUST = "brownout.locust_main"
FLEET = "brownout_fleet"
CHAOS = "brownout_chaos"
DISK_MB = 32
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
    run_options: Sequence[str] = ()
    """Options of `brownout run`."""
    disk_mb: int = 0
    """Size of a disk of the run's own, where root may mount one; else a limit to the size of files stands in
    for it. 0: the disk of all."""
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


def _fill(process: psutil.Process, seconds: float) -> None:
    """Take all that is left of the run's own disk; without one, its files can't grow."""
    folder = _out_of(process)
    if folder is None or not has_own_disk(folder):
        _fill_disk(process, seconds)
        return
    filler = folder / "filler"
    try:
        with filler.open("wb") as file:
            while True:
                os.write(file.fileno(), b"0" * 4096)
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        time.sleep(seconds)  # the disturbance itself
    finally:
        filler.unlink(missing_ok=True)


def _out_of(process: psutil.Process) -> Path | None:
    """Return the folder that a process of Locust writes its run folders to."""
    arguments = process.cmdline()
    for at, argument in enumerate(arguments):
        if argument == "--out":
            return Path(arguments[at + 1])
    return None


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


def _stepping(seconds: float, kind: str = "wall") -> dict[str, str]:
    return {"PYTHONPATH": str(CLOCK), "BROWNOUT_SELFTEST_CLOCK": f"{CLOCK_AFTER_S},{seconds},{kind}"}


WORKERS = ("--processes", "2")
TIMES = ("--baseline", "1s", "--during", "4s", "--recovery", "2s", "--run-time", "14s")
FAULT = ("--fault", "latency=1ms", *TIMES)
"""Has an experiment run beside the load, in a process of its own, that hardly does anything."""

STEADY = {"BROWNOUT_SELFTEST_FAILURE_EVERY": "100"}
"""Fewer failures than the steady state of an experiment allows."""

LOSING = {"BROWNOUT_SELFTEST_LOSE": f"{CLOCK_AFTER_S},1.5"}
ALL = (
    Disturbance("load generator stopped", LOCUST, _stop),
    Disturbance("fleet process stopped", FLEET, _stop),
    Disturbance("worker stopped", LOCUST, _stop_worker, WORKERS),
    Disturbance("worker killed", LOCUST, _kill_worker, WORKERS),
    Disturbance("load generator killed", LOCUST, _kill),
    Disturbance("load generator out of descriptors", LOCUST, _starve),
    Disturbance("fleet process out of descriptors", FLEET, _starve),
    Disturbance("fleet process killed", FLEET, _kill),
    Disturbance("experiment killed", CHAOS, _kill, run_options=FAULT, variables=STEADY),
    Disturbance("experiment stopped", CHAOS, _stop, run_options=FAULT, variables=STEADY),
    Disturbance("reports of workers lost", LOCUST, _wait, WORKERS, variables=LOSING),
    Disturbance("file system full", LOCUST, _fill, disk_mb=DISK_MB),
    Disturbance("disk full", LOCUST, _fill_disk),
    Disturbance("machine busy", LOCUST, _hog),
    Disturbance("clock stepped forward", LOCUST, _wait, variables=_stepping(30.0)),
    Disturbance("clock stepped back", LOCUST, _wait, variables=_stepping(-30.0)),
    Disturbance("machine suspended", LOCUST, _wait, variables=_stepping(30.0, "suspend")),
)


def part_of(root: psutil.Process, module: str) -> psutil.Process | None:
    """Find the process below `root` that runs this module, and not one that it has forked."""
    for process in root.children(recursive=True):
        with _gone_is_fine():
            arguments = process.cmdline()
            if "-m" in arguments and arguments[arguments.index("-m") + 1] == module:
                return process
    return None
