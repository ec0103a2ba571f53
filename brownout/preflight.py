"""What a load generator needs of this machine, looked at before the load starts and by `brownout doctor`."""

from __future__ import annotations

import resource
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from rich.console import Console

from brownout_fleet.checkup import CheckResult
from brownout_panel import panel_address

DESCRIPTORS = 4096
"""Open files that a load of a thousand users takes on both sides of a forwarder, with room to spare."""
SLOW_CLOCKS = {"acpi_pm", "hpet", "jiffies"}
"""Each look at such a clock is a system call of a microsecond or more; the recorder looks twice a request."""
CLOCK = Path("/sys/devices/system/clocksource/clocksource0/current_clocksource")
PRESSURE = Path("/proc/pressure/cpu")
PROBE_S = 0.5
STEP_S = 0.005
LATE_MS = 50.0
"""A process that wakes up later than this can't tell a latency of 50 ms from its own."""
CORE_SHARE = 0.8
"""Share of a core that a busy process gets at least on a machine with time to spare."""
PRESSURE_SHARE = 0.5
"""Share of the last ten seconds in which some process waited for a core."""
BUSY = "end what else runs here, make the load on another machine, or trust no latency of these runs"
LONG_S = 30.0
"""Runs from this length on have the probe before them: it takes half a second."""


class Probe(NamedTuple):
    """What half a second on this machine has shown."""

    late_ms: float
    """The longest that a sleep took beyond its time."""
    core_share: float
    """Processor time that a busy loop got, over the time that passed."""


def probe(seconds: float = PROBE_S) -> Probe:
    """Sleep in short steps for half of the time, and compute for the other half."""
    late = 0.0
    end = time.monotonic() + seconds / 2
    while (before := time.monotonic()) < end:
        time.sleep(STEP_S)
        late = max(late, time.monotonic() - before - STEP_S)
    begun, used = time.monotonic(), time.thread_time()
    while time.monotonic() < begun + seconds / 2:
        pass
    return Probe(late * 1000, (time.thread_time() - used) / (time.monotonic() - begun))


def machine(measured: Probe) -> CheckResult:
    """Whether this machine has time for a load generator."""
    ok = measured.late_ms <= LATE_MS and measured.core_share >= CORE_SHARE
    late, share = f"{measured.late_ms:.0f} ms", f"{measured.core_share:.0%}"
    found = f"a process wakes up {late} late at worst, and gets {share} of a core"
    return CheckResult("time to spare", ok, found, BUSY)


def pressure(text: str | None) -> Iterator[CheckResult]:
    """Whether processes wait for a core, from the text of /proc/pressure/cpu; nothing if it isn't known."""
    fields = dict(field.split("=") for field in (text or "").partition("\n")[0].split()[1:] if "=" in field)
    if "avg10" in fields:
        share = float(fields["avg10"]) / 100
        found = f"in {share:.0%} of the last 10 s some process waited for a core"
        yield CheckResult("processor pressure", share <= PRESSURE_SHARE, found, BUSY)


def clock(source: str | None) -> Iterator[CheckResult]:
    """Whether reading the clock is cheap; nothing where the source isn't known."""
    if source:
        remedy = 'boot with a faster one, such as "clocksource=tsc", or expect a lower rate for each process'
        yield CheckResult("clock source", source not in SLOW_CLOCKS, source, remedy)


def descriptors(soft: int, hard: int) -> CheckResult:
    """Whether a load may open as many files as it takes; soft limits are raised to hard ones at start."""
    unlimited = resource.RLIM_INFINITY
    limit = "no limit" if hard == unlimited else f"{hard:,}"
    found = f"{limit} for each process" + (
        f" (raised from {soft:,})" if soft not in (hard, unlimited) else ""
    )
    return CheckResult(
        "open files",
        hard == unlimited or hard >= DESCRIPTORS,
        found,
        f"raise the hard limit, as in: ulimit -Hn {DESCRIPTORS}",
    )


def folders(out: Path) -> Iterator[CheckResult]:
    """Whether run folders can be made, and the panel can say where it is. Nothing is left behind."""
    yield _writable("run folders", out, "name another folder with --out")
    state = panel_address.folder()
    yield _writable(
        "state folder", state, f"name one that can be written with {panel_address.FOLDER_VARIABLE}"
    )


def _writable(name: str, folder: Path, remedy: str) -> CheckResult:
    try:
        there = next(path for path in (folder.absolute(), *folder.absolute().parents) if path.exists())
        panel_address.try_to_write(there)
    except OSError as error:
        return CheckResult(name, False, f'"{folder}" can\'t be written: {error.strerror}', remedy)
    return CheckResult(name, True, str(folder))


def of_machine(*, thorough: bool) -> Iterator[CheckResult]:
    """What can be said of the machine as it is now; `thorough` takes half a second."""
    if thorough:
        yield machine(probe())
    yield from pressure(_text(PRESSURE))
    yield from clock(_text(CLOCK))
    yield descriptors(*resource.getrlimit(resource.RLIMIT_NOFILE))


def warn(console: Console, run_time_s: float | None) -> None:
    """Print what a run on this machine should mind; nothing if that is nothing."""
    for result in of_machine(thorough=run_time_s is None or run_time_s >= LONG_S):
        if not result.ok:
            console.print(f"notice: {result.name}: {result.found}", highlight=False, soft_wrap=True)
            console.print(f"        → {result.remedy}", highlight=False, soft_wrap=True)


def _text(path: Path) -> str | None:
    try:
        return path.read_text("utf-8").strip()
    except OSError:
        return None
