"""Tells when the machine had no time: some process waited for a core all through a second, and the next.

The share of time in which one waits is the kernel's own (pressure stall information, `some` of
/proc/pressure/cpu); where the kernel has none, nothing is told.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import NamedTuple

PRESSURE = Path("/proc/pressure/cpu")
BUSY_SHARE = 0.9
"""Share of a second: beyond it, hardly a process gets a core when it wants one."""


class BusySpell(NamedTuple):
    """A stretch of time in which the machine was busy, in seconds of the monotonic clock."""

    start: float
    seconds: float


class BusySpells:
    """Puts looks at the kernel's counter together to spells. Pure: moments and counts come in."""

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
        return None if since is None else BusySpell(since, now - since)


def waited_s(text: str | None) -> float | None:
    """Seconds in which some process waited for a core, from the text of /proc/pressure/cpu; None unknown."""
    for field in (text or "").partition("\n")[0].split():
        name, _, value = field.partition("=")
        if name == "total" and value.isdecimal():
            return int(value) / 1e6
    return None


class BusyMachine:
    """Looks at this machine's own counter."""

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """Forget what was before the run."""
        self._spells = BusySpells(time.monotonic(), _read())

    def look(self, *, last: bool = False) -> BusySpell | None:
        """Return a spell that is over; the `last` look ends one that goes on."""
        now = time.monotonic()
        return self._spells.look(now, _read()) or (self._spells.end(now) if last else None)


def _read() -> float | None:
    try:
        return waited_s(PRESSURE.read_text("ascii"))
    except (OSError, ValueError):
        return None
