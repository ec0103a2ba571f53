"""Watches the machine that the load runs on: how busy it is, and whether it was suspended."""

from __future__ import annotations

import time
from typing import NamedTuple, NoReturn

import gevent

from brownout_terms.health import Readings, pressure_ms, readings

from .clock import RunClock

LOOK_S = 0.25
"""Time between two looks at the kernel's counters: a busy second hardly begins with one of the run's."""

BUSY_SHARE = 0.9
"""Share of the time between two looks: beyond it, hardly a process gets a core when it wants one."""

SPELL_S = 0.7
"""A shorter spell is no news: each start of a process makes one."""


class BusySpell(NamedTuple):
    """A stretch of time in which the machine was busy, in seconds of the monotonic clock."""

    start: float
    seconds: float


class BusySpells:
    """Puts looks at the kernel's counter together to spells. Pure: moments and counts come in.

    The share of time in which some process waits for a core is the kernel's own (pressure stall information,
    `some` of /proc/pressure/cpu); where the kernel has none, nothing is told.
    """

    def __init__(self, now: float, waited_s: float | None) -> None:
        self._last = now
        self._waited_s = waited_s
        self._since: float | None = None

    def look(self, now: float, waited_s: float | None) -> BusySpell | None:
        """Take a look: a spell that ended with the look before this one."""
        passed, before = now - self._last, self._waited_s
        start, self._last, self._waited_s = self._last, now, waited_s
        if waited_s is None or before is None or passed <= 0:
            return self.end(start)
        if waited_s - before >= BUSY_SHARE * passed:
            self._since = start if self._since is None else self._since
            return None
        return self.end(start)

    def end(self, now: float) -> BusySpell | None:
        """Return the spell that goes on, which ends now."""
        since, self._since = self._since, None
        return None if since is None or now - since < SPELL_S else BusySpell(since, now - since)


class MachineWatch:
    """Looks at this machine's own counters."""

    def __init__(self, clock: RunClock) -> None:
        self._clock = clock
        self.begin()

    def begin(self) -> None:
        """Forget what was before the run."""
        self._told: list[BusySpell] = []
        self._readings: list[tuple[float, Readings]] = []
        self._second = 0
        now = time.monotonic()
        self._spells = BusySpells(now, self._look(now))

    def watch(self) -> NoReturn:
        """Look until the greenlet is killed."""
        while True:
            gevent.sleep(LOOK_S)
            now = time.monotonic()
            if spell := self._spells.look(now, self._look(now)):
                self._told.append(spell)

    def take(self, *, last: bool = False) -> list[BusySpell]:
        """Return the spells that are over; the `last` take ends one that goes on."""
        if last and (spell := self._spells.end(time.monotonic())):
            self._told.append(spell)
        found, self._told = self._told, []
        return found

    def take_readings(self) -> list[tuple[float, Readings]]:
        """Return what the machine told since this was asked last, and when."""
        found, self._readings = self._readings, []
        return found

    def _look(self, moment: float) -> float | None:
        now = self._clock.at(moment)
        if int(now) != self._second:
            self._second = int(now)
            self._readings.append((now, readings(of_machine=True)))
        waited_ms = pressure_ms()
        return None if waited_ms is None else waited_ms / 1000
