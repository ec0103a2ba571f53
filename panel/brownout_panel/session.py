"""Whose faults are wanted: those that an experiment's process has set last as long as that process does.

The panel renews the leases of what is wanted, for good. A process that was killed would otherwise leave its
faults behind, as nobody is there to roll them back.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import gevent

HEADER = "X-Brownout-Session"
"""What a process calls itself in each of its requests; see chaos/brownout_chaos/session.py."""

SILENT_S = 20.0
"""A process that was not heard for so long is gone. It is heard every two seconds; and with the time to clear
its faults this is less than their lease."""


class Session:
    """The process whose faults are wanted now, if there is one."""

    def __init__(
        self,
        lost: Callable[[str], None],
        silent_s: float = SILENT_S,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """`lost` is called, in a greenlet of its own, with the process that is gone."""
        self._lost = lost
        self._silent_s = silent_s
        self._monotonic = monotonic
        self._owner: str | None = None
        self._heard_at = 0.0
        self._watch: gevent.Greenlet | None = None

    def heard(self, session: str | None) -> bool:
        """A process has asked for something. Returns whether the faults that are wanted are its own."""
        if session is None or session != self._owner:
            return False
        self._heard_at = self._monotonic()
        return True

    def owns(self, session: str | None) -> None:
        """The faults that are wanted from now on are this process's; None: nobody's, they stay."""
        self._owner = session
        self._heard_at = self._monotonic()
        if session is not None and self._watch is None:
            self._watch = gevent.spawn(self._await_silence)

    def _await_silence(self) -> None:
        while self._owner and (left_s := self._heard_at + self._silent_s - self._monotonic()) > 0:
            due = self._monotonic() + left_s
            gevent.sleep(left_s)
            self._excuse(self._monotonic() - due)
        owner, self._owner, self._watch = self._owner, None, None
        if owner:
            self._lost(owner)

    def _excuse(self, overslept_s: float) -> None:
        """This process was itself too busy to hear anybody: what was said meanwhile is about to be heard."""
        grace_s = self._silent_s / 4
        if overslept_s > grace_s:
            self._heard_at = max(self._heard_at, self._monotonic() - self._silent_s + grace_s)
