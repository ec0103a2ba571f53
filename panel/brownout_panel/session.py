"""Ties the faults that an experiment's process has set to the life of that process.

The panel renews the lease of the wanted faults without end. Without a session, a process that was killed
would leave its faults behind, because nothing would roll them back.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import gevent

HEADER = "X-Brownout-Session"
"""Header in which a process sends its session id; see chaos/brownout_chaos/session.py."""

TIMEOUT_S = 20.0
"""Seconds without a request after which a process counts as gone. It sends one every two seconds, and this
timeout plus the time to clear its faults is shorter than their lease."""


class Session:
    """The process that owns the current faults, if there is one."""

    def __init__(
        self,
        on_timeout: Callable[[str], None],
        timeout_s: float = TIMEOUT_S,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """`on_timeout` is called in a greenlet of its own with the session id of the process that is gone."""
        self._on_timeout = on_timeout
        self._timeout_s = timeout_s
        self._monotonic = monotonic
        self._owner: str | None = None
        self._renewed_at = 0.0
        self._watch: gevent.Greenlet | None = None

    def renew(self, session: str | None) -> bool:
        """Note a request from a process; return whether it owns the current faults."""
        if session is None or session != self._owner:
            return False
        self._renewed_at = self._monotonic()
        return True

    def set_owner(self, session: str | None) -> None:
        """Make this process the owner of the faults; None: nobody owns them, and they stay."""
        self._owner = session
        self._renewed_at = self._monotonic()
        if session is not None and self._watch is None:
            self._watch = gevent.spawn(self._await_timeout)

    def _await_timeout(self) -> None:
        while self._owner and (left_s := self._renewed_at + self._timeout_s - self._monotonic()) > 0:
            due = self._monotonic() + left_s
            gevent.sleep(left_s)
            self._allow_for_delay(self._monotonic() - due)
        owner, self._owner, self._watch = self._owner, None, None
        if owner:
            self._on_timeout(owner)

    def _allow_for_delay(self, overslept_s: float) -> None:
        """Extend the deadline if the panel itself was too busy to handle requests: they are still queued."""
        grace_s = self._timeout_s / 4
        if overslept_s > grace_s:
            self._renewed_at = max(self._renewed_at, self._monotonic() - self._timeout_s + grace_s)
