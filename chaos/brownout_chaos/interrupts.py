"""Ends an experiment early, with its rollbacks, however it is told to: by a signal, or by its lifeline.

The engine's own handler raises inside whatever runs. Raised in an activity it would count as that activity's
failure and the method would go on; raised in the engine's own clean-up it would skip the rollbacks.
So: inside an activity SystemExit is raised, which no activity swallows; elsewhere the next activity doesn't
start; and once the rollbacks run, nothing interrupts them.
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

from brownout_chaos.control import Report
from brownout_terms.variables import LIFELINE

SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGALRM)

PATIENCE_S = 15.0
"""For the rollbacks when the panel is gone; then the process ends as it is."""

AGAIN_S = 0.3
"""The engine sleeps an activity's pause even while it is being left: it is interrupted again."""

GRACEFUL = 20
"""The engine's exit code for "with rollbacks"."""


class ControlMissingError(BaseException):
    """The control has not reported in. No Exception, since the engine swallows these."""


class Interrupts(RunEventHandler):  # type: ignore[misc]  # chaoslib has no types
    """Signal handlers for one experiment; registered as the engine's event handler, since it sets its own."""

    def __init__(self, report: Report) -> None:
        self.rolls_back = False
        self._report = report

    def install(self) -> None:
        """Handle SIGTERM, SIGINT and SIGHUP from here on."""
        for number in SIGNALS:
            signal.signal(number, self.handle)

    def running(self, *_: Any, **__: Any) -> None:
        """The engine has loaded the controls and set its own handlers; the method is yet to come."""
        self.install()
        if not self._report.reported_in:
            raise ControlMissingError

    def start_rollbacks(self, *_: Any, **__: Any) -> None:
        """From here on nothing interrupts."""
        self.rolls_back = True
        signal.setitimer(signal.ITIMER_REAL, 0)

    def over(self) -> None:
        """The engine is done. An alarm that is still to come, or a signal while the interpreter winds down,
        would end the process by itself, and its exit code with it."""
        signal.setitimer(signal.ITIMER_REAL, 0)
        for number in SIGNALS:
            signal.signal(number, signal.SIG_IGN)

    def handle(self, number: int, frame: FrameType | None) -> None:
        """Take one signal."""
        if number != signal.SIGALRM and not self.rolls_back:
            self._report.stop = self._report.stop or f"it was stopped ({signal.Signals(number).name})"
        if not self.rolls_back and is_in_activity(frame):
            signal.setitimer(signal.ITIMER_REAL, AGAIN_S)
            raise SystemExit(GRACEFUL)


def is_in_activity(frame: FrameType | None) -> bool:
    """Whether an activity is being run in this thread."""
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
    os._exit(1)
