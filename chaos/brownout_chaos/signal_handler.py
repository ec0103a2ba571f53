"""Ends an experiment early, with its rollbacks, on a signal or at the end of its lifeline.

The engine's own handler raises inside whatever runs. In an activity, that would count as the activity's
failure and the method would go on; in the engine's clean-up, it would skip the rollbacks. So this one
raises SystemExit inside an activity, which no activity swallows; elsewhere it keeps the next activity
from starting; and once the rollbacks run, nothing interrupts them.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Mapping
from types import FrameType
from typing import Any

from chaoslib.activity import execute_activity
from chaoslib.run import RunEventHandler

from brownout_chaos.control import Timeline
from brownout_terms.exits import Exit
from brownout_terms.variables import LIFELINE

SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGALRM)

PATIENCE_S = 15.0
"""Time for the rollbacks when the panel is gone; then the process ends as it is."""

AGAIN_S = 0.3
"""Time until the next interrupt: the engine sleeps an activity's pause even after the first one."""

GRACEFUL = 20
"""The engine's exit code that means "with rollbacks"."""


class ControlMissingError(BaseException):
    """The control has not reported in. A BaseException, since the engine swallows every Exception."""


class SignalHandler(RunEventHandler):  # type: ignore[misc]  # chaoslib has no types
    """Signal handlers for one experiment; registered as the engine's event handler, since it sets its own."""

    def __init__(self, timeline: Timeline) -> None:
        self.rolls_back = False
        self._timeline = timeline

    def install(self) -> None:
        """Handle the signals from now on."""
        for number in SIGNALS:
            signal.signal(number, self.handle)

    def running(self, *_: Any, **__: Any) -> None:
        """Called after the engine has loaded the controls and set its own handlers, before the method."""
        self.install()
        if not self._timeline.reported_in:
            raise ControlMissingError

    def start_rollbacks(self, *_: Any, **__: Any) -> None:
        """Called before the rollbacks: from now on nothing interrupts."""
        self.rolls_back = True
        signal.setitimer(signal.ITIMER_REAL, 0)

    def ignore(self) -> None:
        """Ignore every signal once the engine is done: a late alarm, or a signal while the interpreter ends,
        would end the process with another exit code."""
        signal.setitimer(signal.ITIMER_REAL, 0)
        for number in SIGNALS:
            signal.signal(number, signal.SIG_IGN)

    def handle(self, number: int, frame: FrameType | None) -> None:
        """Handle one signal."""
        if number != signal.SIGALRM and not self.rolls_back:
            self._timeline.stop = self._timeline.stop or f"it was stopped ({signal.Signals(number).name})"
        if not self.rolls_back and is_in_activity(frame):
            signal.setitimer(signal.ITIMER_REAL, AGAIN_S)
            raise SystemExit(GRACEFUL)


def is_in_activity(frame: FrameType | None) -> bool:
    """Return whether this thread runs an activity."""
    while frame is not None:
        if frame.f_code is execute_activity.__code__:
            return True
        frame = frame.f_back
    return False


def hold_lifeline(environ: Mapping[str, str]) -> None:
    """End this process's experiment when the pipe that the environment names comes to its end."""
    if LIFELINE in environ:
        threading.Thread(target=_watch, args=(int(environ[LIFELINE]),), daemon=True).start()


def _watch(lifeline: int) -> None:
    while os.read(lifeline, 64):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(PATIENCE_S)
    os._exit(Exit.INTERRUPTED)
