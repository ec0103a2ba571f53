"""How the event loop of this replica is: a replica that stood still is told apart from one that is slow.

The worker's loop beats; a beat that comes late is a stall. /status tells what came of it.

This file is the same in every service: each is deployable from its own folder alone.
"""

import os
import resource
import time
from collections import deque
from typing import Any, NoReturn

import gevent

BEAT_S = 0.02
"""Time between two beats of a loop that has time."""

NOTED_S = 0.05
"""A beat later than this is a stall."""

TOLD_S = 0.25
"""A stall as long as this is told by itself; shorter ones add up."""

KEPT = 20
"""Stalls that are told by themselves, the newest."""

DESCRIPTORS = "/proc/self/fd"


class LoopHealth:
    """The health of one process's loop."""

    def __init__(self) -> None:
        self._last: float | None = None
        self._stalled_s = 0.0
        self._stalls: deque[dict[str, float]] = deque(maxlen=KEPT)
        self._count = 0

    def watch(self) -> NoReturn:
        """Beat until the greenlet is killed."""
        while True:
            self.beat(time.monotonic())
            gevent.sleep(BEAT_S)

    def beat(self, now: float) -> None:
        """Take one beat."""
        due = now if self._last is None else self._last + BEAT_S
        self._last, late_s = now, now - due
        if late_s < NOTED_S:
            return
        self._stalled_s += late_s
        if late_s >= TOLD_S:
            self._count += 1
            self._stalls.append({"number": self._count, "at": time.time() - late_s, "seconds": late_s})

    def report(self) -> dict[str, Any]:
        """Return what /status tells; nothing where nobody watches, as under another server.

        The two times are counters; `at` is in seconds since the epoch.
        """
        if self._last is None:
            return {}
        self.beat(time.monotonic())  # a request may come before the beat that is due
        told: dict[str, Any] = {
            "stalled_ms": round(1000 * self._stalled_s, 3),
            "cpu_ms": round(1000 * time.process_time(), 3),
            "stalls": list(self._stalls),
        }
        if (free := _descriptors_free()) is not None:
            told["descriptors_free"] = free
        return told


LOOP = LoopHealth()
"""That of this process: the server's worker has it watched."""


def _descriptors_free() -> int | None:
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        return None if soft == resource.RLIM_INFINITY else soft - len(os.listdir(DESCRIPTORS))
    except OSError:  # also if there is not even one left to look
        return 0 if os.path.exists(DESCRIPTORS) else None
