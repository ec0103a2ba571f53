"""What a process of brownout can tell of its own health. Each figure is declared once, in FIGURES.

The recorder writes them to samples.csv, each second: the column has the name of the figure.
"""

from __future__ import annotations

import os
import resource
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from .descriptors import limit

SCHEDULED = Path("/proc/self/schedstat")
"""Scheduling of the first thread, which runs the loop of each of brownout's processes."""

DESCRIPTORS = Path("/proc/self/fd")
PRESSURE = Path("/proc/pressure/cpu")
PROCESSORS = Path("/proc/stat")
TICKS = os.sysconf("SC_CLK_TCK")
QUEUE_MS = "queue_ms"
"""Key of the figure that only the part itself can tell."""

BUSY_FIELDS = (1, 2, 3, 6, 7, 8)
"""Fields of the first line of /proc/stat: user, nice, system, irq, softirq, steal (proc(5))."""

SHORTEST_S = 0.5
"""Readings that follow one another faster are taken as one."""

Readings = Mapping[str, float]
"""Figures by key, as they were read: counters count from anywhere."""


@dataclass(frozen=True)
class HealthFigure:
    """One thing that a process tells of itself, or of its machine."""

    key: str
    """The column of samples.csv."""

    meaning: str
    read: Callable[[], float | None]
    """The value now; None where the system does not tell, or the part itself does."""

    is_counter: bool = True
    """Whether what it grew by in a second is the figure, or else what it is."""

    is_machine: bool = False
    """Whether it is the machine's, and told once."""


def _cpu_ms() -> float:
    return 1000 * time.process_time()


def _waited_ms() -> float | None:
    fields = _text(SCHEDULED).split()
    return int(fields[1]) / 1e6 if len(fields) == 3 else None


def _descriptors_free() -> float | None:
    try:
        used = DESCRIPTORS.stat().st_size or len(os.listdir(DESCRIPTORS))  # Linux 6.2 and later tells at once
    except OSError:
        return None
    return limit() - used


def pressure_ms() -> float | None:
    """Time in which some process of this machine waited for a core, counted from anywhere; None unknown."""
    waited = waited_s(_text(PRESSURE))
    return None if waited is None else 1000 * waited


def _machine_cpu_ms() -> float | None:
    fields = _text(PROCESSORS).partition("\n")[0].split()
    if len(fields) <= max(BUSY_FIELDS) or fields[0] != "cpu":
        return None
    return 1000 * sum(int(fields[at]) for at in BUSY_FIELDS) / TICKS


FIGURES = (
    HealthFigure("cpu_ms", "processor time that it used in this second", _cpu_ms),
    HealthFigure("waited_ms", "how long its loop was ready and waited for a core", _waited_ms),
    HealthFigure(
        "descriptors_free", "file descriptors that it may still open", _descriptors_free, is_counter=False
    ),
    HealthFigure("cpu_ms", "processor time that all processes used", _machine_cpu_ms, is_machine=True),
    HealthFigure(
        "pressure_ms", "how long some process of the machine waited for a core", pressure_ms, is_machine=True
    ),
    HealthFigure(QUEUE_MS, "age of the oldest thing that waits in it", lambda: None, is_counter=False),
)

COUNTERS = frozenset(one.key for one in FIGURES if one.is_counter)


def readings(*, of_machine: bool = False) -> dict[str, float]:
    """Return what this process, or its machine, tells now; what the system does not tell is left out."""
    values = ((one.key, one.read()) for one in FIGURES if one.is_machine == of_machine)
    return {key: value for key, value in values if value is not None}


def children_cpu_ms() -> float:
    """Return the processor time of the processes that this one has started, and theirs, and ended ones'."""
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return 1000 * (ended.ru_utime + ended.ru_stime) + sum(map(_cpu_of, _children(os.getpid())))


def _children(pid: int) -> Iterator[int]:
    for child in _text(Path(f"/proc/{pid}/task/{pid}/children")).split():
        yield int(child)
        yield from _children(int(child))


def _cpu_of(pid: int) -> float:
    """Also of what it has waited for; the name may contain anything, so that fields count from its end."""
    fields = _text(Path(f"/proc/{pid}/stat")).rpartition(")")[2].split()
    return 1000 * sum(map(int, fields[11:15])) / TICKS


def waited_s(text: str | None) -> float | None:
    """Seconds in which some process waited for a core, from the text of /proc/pressure/cpu; None unknown."""
    for field in (text or "").partition("\n")[0].split():
        name, _, value = field.partition("=")
        if name == "total" and value.isdecimal():
            return int(value) / 1e6
    return None


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace")
    except OSError:
        return ""


class HealthSeconds:
    """Makes figures per second of readings that come about once a second. Pure."""

    def __init__(self) -> None:
        self._last: tuple[float, Readings] | None = None

    def add(self, now: float, told: Readings) -> Iterator[tuple[int, dict[str, float]]]:
        """Yield each second since the last reading, and its figures; `now` in seconds since the epoch."""
        last = self._last
        if last is not None and now - last[0] < SHORTEST_S:
            return
        self._last = (now, told)
        seconds = range(round(last[0]), round(now)) if last else ()
        for second in seconds:
            yield second, _figures(last[1] if last else {}, told, len(seconds))


def _figures(before: Readings, told: Readings, seconds: int) -> dict[str, float]:
    """A counter that has fallen has begun anew: what it grew by is not known."""
    return {
        key: (value - before[key]) / seconds if key in COUNTERS else value
        for key, value in told.items()
        if key not in COUNTERS or 0 <= before.get(key, value + 1) <= value
    }
