"""Wakes a greenlet at a moment, finer than gevent's timers.

On Linux gevent's loop sleeps in epoll, whose timeout counts whole milliseconds, rounded up: at 500 arrivals
a second every gap of 2 ms would be off by up to 1 ms. A timerfd wakes the same loop within some 20 µs,
without spinning. kqueue (macOS) takes nanoseconds as it is.
"""

from __future__ import annotations

import ctypes
import os
import sys
import time
from typing import Protocol

import gevent

CLOCK_MONOTONIC = 1
"""Linux's number for the clock that time.perf_counter reads there."""

TFD_TIMER_ABSTIME = 1


class Alarm(Protocol):
    """Something to wait with; `until` takes a moment of time.perf_counter, and returns no earlier."""

    def until(self, moment: float) -> None: ...
    def close(self) -> None: ...


class SleepAlarm:
    """gevent's own timer, where it is fine enough."""

    def until(self, moment: float) -> None:
        """Wait for the moment; a moment already past only lets the other greenlets run."""
        gevent.sleep(0)
        while (left := moment - time.perf_counter()) > 0:
            gevent.sleep(left)

    def close(self) -> None:
        """Nothing is held."""


class _Timespec(ctypes.Structure):
    _fields_ = (("seconds", ctypes.c_long), ("nanoseconds", ctypes.c_long))


class _Itimerspec(ctypes.Structure):
    _fields_ = (("interval", _Timespec), ("value", _Timespec))


class TimerfdAlarm:
    """Linux's timerfd, watched by gevent's loop. Python has it from 3.13 on only, hence ctypes."""

    def __init__(self) -> None:
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._fd = self._libc.timerfd_create(CLOCK_MONOTONIC, os.O_NONBLOCK | os.O_CLOEXEC)
        if self._fd < 0:
            error = ctypes.get_errno()
            raise OSError(error, os.strerror(error))
        self._hub = gevent.get_hub()
        self._watcher = self._hub.loop.io(self._fd, 1)
        self._setting = _Itimerspec()

    def until(self, moment: float) -> None:
        """Wait for the moment; a moment already past only lets the other greenlets run."""
        seconds = int(moment)
        self._setting.value.seconds = seconds
        self._setting.value.nanoseconds = int((moment - seconds) * 1e9)
        self._libc.timerfd_settime(self._fd, TFD_TIMER_ABSTIME, ctypes.byref(self._setting), None)
        self._hub.wait(self._watcher)
        os.read(self._fd, 8)

    def close(self) -> None:
        """Give the descriptor back."""
        self._watcher.close()
        os.close(self._fd)


def alarm() -> Alarm:
    """The finest alarm of this platform."""
    return TimerfdAlarm() if sys.platform == "linux" else SleepAlarm()
