"""Asks a service that is not ours for its breakers, at a pace that it does not feel."""

from __future__ import annotations

import time
from collections.abc import Callable
from urllib.parse import urlsplit

import gevent

from brownout_fleet.model import Replica
from brownout_panel.model import Circuit, Transition
from brownout_panel.own_breakers.following import Following
from brownout_panel.own_breakers.reading import UnreadableError, read
from brownout_panel.own_breakers.report import Report
from brownout_panel.replica_http import ForeignError, Link, RefusalError, UnansweredError

POLL_S = 1.0
"""Time between two answers; what is derived from them took place within half of it."""

LONGEST_POLL_S = 10.0
SHARE = 0.05
"""Most of the time that a service may spend on us: one that needs 100 ms for an answer is asked every 2 s."""

ANSWER_S = 2.0

STALE = 4
"""Answers that may be missing before a breaker's state counts as unknown."""

MEETING = 8
"""Connections that are opened when an unknown process answers, to see who else is there."""

PROMPT = (
    "no breaker is in its answer. Name the path where its metrics or its breakers are, or add one line to "
    "the service: brownout.watch(breaker). See docs/breakers.md"
)


class BreakerPoller:
    """Follows the breakers of one life of a replica whose contract is its own."""

    def __init__(
        self,
        replica: Replica,
        tell: Callable[[list[Transition]], None],
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`tell` is called after each answer, with the transitions that are new."""
        self.replica = replica
        self.reason: str | None = None
        """Why nothing is known about its breakers; None if something is."""
        self._base, self._path = _address(replica)
        self._following = Following(replica.name, replica.uid)
        self._tell = tell
        self._clock = clock
        self._pace_s = POLL_S
        self._greenlet = gevent.spawn(self._run)

    @property
    def circuits(self) -> list[Circuit]:
        """Return the breakers as they were last told; unknown where that was too long ago."""
        return self._following.circuits(self._clock(), STALE * self._pace_s)

    @property
    def calls(self) -> tuple[int, int] | None:
        """Return the requests and attempts that the service has told of since it was first asked."""
        return self._following.calls()

    def stop(self, wait: bool = True) -> None:
        """End the greenlet, which closes its connection."""
        self._greenlet.kill(block=wait)

    def _run(self) -> None:
        while True:
            started = time.monotonic()
            try:
                report = self._ask()
                if not self._following.knows(report):
                    self._meet(report)
                new = self._following.take(report, self._clock())
                self.reason = None if self._following.has_any else PROMPT
            except (UnansweredError, ForeignError, RefusalError, UnreadableError) as error:
                new, self.reason = [], str(error)
            self._tell(new)
            took_s = time.monotonic() - started
            self._pace_s = min(LONGEST_POLL_S, max(POLL_S, took_s / SHARE))
            gevent.sleep(self._pace_s - took_s)

    def _ask(self) -> Report:
        """Ask over a new connection: a kept one always leads to the same of several processes."""
        with Link(self._base) as link:
            return read(link.read(self._path, ANSWER_S))

    def _meet(self, first: Report) -> None:
        reports = [first]
        asking = [gevent.spawn(self._ask_quietly) for _ in range(MEETING)]
        try:
            gevent.joinall(asking)
        finally:
            gevent.killall(asking)
        reports += [one for greenlet in asking if (one := greenlet.get()) is not None]
        self._following.meet(reports)

    def _ask_quietly(self) -> Report | None:
        try:
            return self._ask()
        except (UnansweredError, ForeignError, RefusalError, UnreadableError):
            return None


def _address(replica: Replica) -> tuple[str, str]:
    """Return the URL and the path at which a replica's breakers are read."""
    place = replica.breaker or ""
    if "://" not in place:
        return replica.url, place
    parts = urlsplit(place)
    path = parts.path or "/"
    return f"{parts.scheme}://{parts.netloc}", f"{path}?{parts.query}" if parts.query else path
