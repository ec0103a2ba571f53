"""Heartbeats of this process to the panel, which clears the faults that it has set once they stop.

An experiment that is killed rolls nothing back, so the panel does.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable

BEAT_S = 2.0
"""Time between two heartbeats; the panel gives up a process after ten."""

NAME = secrets.token_hex(8)
"""The name of this process in each request."""


class FaultLease:
    """Renews the faults of this process at the panel, from a thread, as long as they are wanted."""

    def __init__(self, beat: Callable[[], bool], pause_s: float = BEAT_S) -> None:
        """`beat` tells the panel, and returns False when no fault of this process is wanted any more."""
        self._beat = beat
        self._pause_s = pause_s
        self._thread: threading.Thread | None = None
        self._asked = 0
        self._lock = threading.Lock()

    def hold(self) -> None:
        """Beat until the panel says that no fault of this process is wanted."""
        with self._lock:
            self._asked += 1
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="heartbeat", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while self._goes_on():
            time.sleep(self._pause_s)

    def _goes_on(self) -> bool:
        asked = self._asked
        if self._beat():
            return True
        with self._lock:
            if asked != self._asked:  # faults were set again meanwhile
                return True
            self._thread = None
        return False
