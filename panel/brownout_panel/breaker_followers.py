"""Follows the breakers of every client replica, each in a greenlet.

One of the lab's waits for the next transition in its log. One of the user's is asked now and then.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from itertools import islice

import gevent

from brownout_fleet.model import Replica, ReplicaPhase
from brownout_panel import breaker_log
from brownout_panel.breaker_log import BreakerLog, LogPosition
from brownout_panel.model import Circuit, Transition
from brownout_panel.own_breakers.poller import BreakerPoller
from brownout_panel.reconcile import backoff_s
from brownout_panel.replica_http import ForeignError, Link, RefusalError, UnansweredError

WAIT_S = 1.0
"""How long a client may wait for its next transition before it answers: the most its counters can be old."""

ANSWER_S = 1.0
"""Extra time for the answer."""

KEPT = 10_000
"""Transitions that are kept; a breaker that flaps each second fills them in three hours."""


class BreakerFollower:
    """Follows one life of a client replica."""

    def __init__(self, replica: Replica, position: LogPosition, owner: BreakerFollowers) -> None:
        self.replica = replica
        self.position = position
        self.circuit: Circuit | None = None
        self._owner = owner
        self._greenlet = gevent.spawn(self._run)

    def stop(self, wait: bool = True) -> None:
        """End the greenlet, which closes its connection."""
        self._greenlet.kill(block=wait)

    def _run(self) -> None:
        failures = 0
        while True:
            try:
                with Link(self.replica.url) as link:
                    self._ask(link, since=0, wait_s=0.0)
                    failures = 0
                    while True:
                        self._ask(link, since=self.position.seq, wait_s=WAIT_S)
            except (UnansweredError, ForeignError, RefusalError):
                failures += 1
                gevent.sleep(backoff_s(failures))

    def _ask(self, link: Link, since: int, wait_s: float) -> None:
        """Each connection asks from the start first: at its other end may be a new life with a new log."""
        log = link.get(f"/breaker?since={since}&wait_s={wait_s:g}", BreakerLog, wait_s + ANSWER_S)
        new, self.position = breaker_log.merge(self.position, since, log, self.replica.name)
        self.circuit = breaker_log.circuit(log, self._owner.clock())
        self._owner.add(new)


class BreakerFollowers:
    """The breakers of all client replicas, and their transitions in the order of arrival."""

    def __init__(
        self,
        on_transition: Callable[[Transition], None],
        changed: Callable[[], None],
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`on_transition` gets each transition; `changed` is called on new states and counters."""
        self.clock = clock
        self.count = 0
        """Number of transitions received so far, including those no longer kept."""
        self._kept: deque[Transition] = deque(maxlen=KEPT)
        self._on_transition = on_transition
        self._changed = changed
        self._followers: dict[str, BreakerFollower | BreakerPoller] = {}
        self._positions: dict[str, LogPosition] = {}

    def sync(self, replicas: list[Replica]) -> None:
        """Follow these client replicas. One that is gone is followed again when it restarts."""
        running = {
            one.name: one
            for one in replicas
            if one.phase in (ReplicaPhase.READY, ReplicaPhase.UNREADY) and one.breaker
        }
        for name, follower in list(self._followers.items()):
            if name not in running or running[name].uid != follower.replica.uid:
                self._end(name, wait=False)
        for name, replica in running.items():
            if name not in self._followers:
                self._followers[name] = self._follow(replica)

    def _follow(self, replica: Replica) -> BreakerFollower | BreakerPoller:
        if replica.contract == "own":
            return BreakerPoller(replica, self.add, self.clock)
        return BreakerFollower(replica, self._positions.get(replica.name, LogPosition()), self)

    def circuit(self, replica: Replica) -> Circuit | None:
        """Return the breaker of a client of the lab as it was last read."""
        follower = self._of(replica)
        return follower.circuit if isinstance(follower, BreakerFollower) else None

    def poller(self, replica: Replica) -> BreakerPoller | None:
        """Return what asks a service of the user's."""
        follower = self._of(replica)
        return follower if isinstance(follower, BreakerPoller) else None

    def pollers(self) -> list[BreakerPoller]:
        """Return what asks the services of the user's."""
        return [one for one in self._followers.values() if isinstance(one, BreakerPoller)]

    def _of(self, replica: Replica) -> BreakerFollower | BreakerPoller | None:
        follower = self._followers.get(replica.name)
        return follower if follower and follower.replica.uid == replica.uid else None

    def since(self, index: int) -> list[Transition]:
        """Return the transitions after the first `index`, as far as they are kept."""
        dropped = self.count - len(self._kept)
        return list(islice(self._kept, max(0, index - dropped), None))

    def add(self, transitions: list[Transition]) -> None:
        """Add the transitions that a follower received."""
        for transition in transitions:
            self._kept.append(transition)
            self.count += 1
            self._on_transition(transition)
        self._changed()

    def stop(self) -> None:
        """Stop following."""
        for name in list(self._followers):
            self._end(name, wait=True)

    def _end(self, name: str, wait: bool) -> None:
        follower = self._followers.pop(name)
        follower.stop(wait)
        if isinstance(follower, BreakerFollower):
            self._positions[name] = follower.position
