"""A large `latency.hlog` is read by several processes, each a share of it.

To read a log takes most of the time of a long run's report, and a process of Python uses one core.
The processes are plain ones: those of multiprocessing import the main module of whoever reads a run, and a
user's script without a guard would run once more in each.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections import deque
from itertools import pairwise
from pathlib import Path
from types import TracebackType
from typing import Self

from .intervals import Intervals, IntervalsBuilder, Parts
from .latency_reader import LogReader
from .line_blocks import Blocks

SMALL = 32 << 20
"""Bytes of a log that one process reads sooner than another starts."""

MOST = 4
"""Processes."""

TABLE = 3
"""Reading a byte of a table takes as long as this many bytes of the log."""

HELPER = "brownout_results.read.run_folder.parallel_part"

Share = tuple[Parts, list[int], int]
"""What is in a share; its lines that can't be read, the first being 1, and how many lines it has."""


class SharedLog:
    """A log, whose first shares other processes read from now on, and whose last share `read` does."""

    def __init__(self, path: Path, beside: int = 0, processes: int | None = None, small: int = SMALL) -> None:
        """`beside`: bytes of tables that this process reads meanwhile. None is as many processes as cores,
        and `small` bytes one alone reads."""
        self.bad: list[int] = []
        """Numbers of lines that can't be read, the first being 1."""

        self.is_cut_off = False
        """Whether the last line has no end; it is left out."""

        self._path = path
        self._builder = IntervalsBuilder()
        edges = shares(path, beside, cores() if processes is None else processes, small)
        self._own = edges[-1]
        self._helpers = [(first, end, _started(path, first, end)) for first, end in pairwise(edges)]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for _, _, helper in self._helpers:
            if helper:
                helper.kill()
                with helper:  # closes its pipe, and waits for its end
                    pass

    def read(self) -> None:
        """The own share, and then what the others have read. Raises OSError."""
        own = LogReader()
        blocks = Blocks(self._path, first=self._own)
        failed = None
        try:
            deque(blocks.parsed(own.add), maxlen=0)
        except OSError as error:
            failed = error
        lines = 0
        for first, end, helper in self._helpers:
            parts, bad, number = (_result(helper) if helper else None) or share(self._path, first, end)
            self._builder.take(parts)
            self.bad += [lines + one for one in bad]
            lines += number
        self._builder.take(own.parts())
        self.bad += [lines + one for one in blocks.bad]
        self.is_cut_off = blocks.is_cut_off
        if failed:
            raise failed

    def built(self) -> Intervals:
        """What was read."""
        return self._builder.built()


def cores() -> int:
    """How many this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def shares(path: Path, beside: int, processes: int, small: int = SMALL) -> list[int]:
    """Where each process's share begins, the last one's being the own; a line begins there."""
    count = min(processes, MOST)
    try:
        size = path.stat().st_size
        if size < small or count < 2:
            return [0]
        each = (size + TABLE * beside) / count
        places = [_line_from(path, min(round(each * number), size)) for number in range(1, count)]
    except OSError:  # who reads it is told
        return [0]
    return list(dict.fromkeys([0, *places]))


def share(path: Path, first: int, end: int) -> Share:
    """The lines from the byte `first` to before `end`."""
    log = LogReader()
    blocks = Blocks(path, first=first, end=end)
    deque(blocks.parsed(log.add), maxlen=0)
    return log.parts(), blocks.bad, blocks.lines


def _line_from(path: Path, place: int) -> int:
    """Where the first line from this byte on begins; the file's end if none does."""
    with path.open("rb") as file:
        file.seek(max(place - 1, 0))
        file.readline()
        return file.tell()


def _started(path: Path, first: int, end: int) -> subprocess.Popen[bytes] | None:
    """A process that reads this share; None if there can be none."""
    try:
        return subprocess.Popen(
            [sys.executable, "-P", "-m", HELPER, str(path), str(first), str(end)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # what goes wrong there goes wrong again, and is told, in this process
            env=os.environ | {"PYTHONPATH": os.pathsep.join(map(os.path.abspath, sys.path))},
        )
    except OSError:
        return None


def _result(helper: subprocess.Popen[bytes]) -> Share | None:
    """What the process has read; None if it failed."""
    told, _ = helper.communicate()
    if helper.returncode:
        return None
    found: Share = pickle.loads(told)  # noqa: S301 - of a process of ours
    return found
