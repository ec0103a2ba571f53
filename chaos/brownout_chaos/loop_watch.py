"""Watches this process: while it stands still, no fault is set, renewed or ended at its time.

It has no loop; a thread that wakes up too late shows that the whole process, or the machine, had no time.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import NoReturn

from chaoslib.exceptions import ActivityFailed

from brownout_chaos import panel_http
from brownout_terms.stalls import BEAT_S, LEFT_OUT_S, Heartbeat, Stall

PROCESS = "experiment"
"""What events call this process."""


def watch() -> None:
    """Begin to watch, until the process ends."""
    threading.Thread(target=watch_for, args=(_report,), name="watch", daemon=True).start()


def watch_for(
    report: Callable[[Stall, float], None],
    pause: Callable[[float], None] = time.sleep,
    monotonic: Callable[[], float] = time.monotonic,
) -> NoReturn:
    """Beat for good, and report each long stall, with the moment at which it was seen."""
    heart = Heartbeat(monotonic())
    while True:
        pause(BEAT_S)
        now = monotonic()
        heart.beat(now)
        for stall in heart.since(0.0):
            if stall.seconds >= LEFT_OUT_S:
                report(stall, now)
            heart = Heartbeat(monotonic())  # what telling takes is no stall


def _report(stall: Stall, now: float) -> None:
    """Tell the panel; one that does not answer has more to worry about."""
    body = {"process": PROCESS, "ago_s": now - stall.start, "seconds": stall.seconds}
    with suppress(ActivityFailed):
        panel_http.ask("POST", "stalls", body)
