"""The log of a breaker's transitions: numbered, so that a reader who polls can tell that it has lost none."""

import logging
import time
from collections import deque
from collections.abc import Callable
from threading import Condition
from typing import Literal

from msgspec import Struct, field

State = Literal["closed", "open", "half-open"]

CAPACITY = 1_000
"""Transitions that are kept: minutes of flapping at the shortest useful reset timeout."""

log = logging.getLogger("client.breaker")


class Transition(Struct, frozen=True):
    """One change of a breaker's state."""

    seq: int
    """1 for the process's first transition, and so on without gaps."""
    at: float
    """When it was due, in seconds since 1970. Nobody may have noticed until later."""
    from_: State = field(name="from")
    to: State
    cause: str


class TransitionLog:
    """The last CAPACITY transitions. Readers may wait for the next one."""

    def __init__(self, wall: Callable[[], float] = time.time) -> None:
        self.seq = 0
        """Number of the latest transition; 0 before the first."""
        self._wall = wall
        self._ring: deque[Transition] = deque(maxlen=CAPACITY)
        self._changed = Condition()

    def append(self, from_: State, to: State, cause: str, age_s: float = 0.0) -> None:
        """Log a transition that was due `age_s` seconds ago."""
        with self._changed:
            self.seq += 1
            self._ring.append(Transition(self.seq, self._wall() - age_s, from_, to, cause))
            self._changed.notify_all()
        log.info("circuit breaker: %s → %s: %s", from_, to, cause)

    def since(self, seq: int) -> list[Transition]:
        """Those after `seq`, oldest first. The first one's number is `seq` + 1, unless some were dropped."""
        with self._changed:
            return [transition for transition in self._ring if transition.seq > seq]

    def wait(self, seq: int, timeout_s: float) -> None:
        """Return when the latest number is no longer `seq`, or after `timeout_s`."""
        with self._changed:
            self._changed.wait_for(lambda: self.seq != seq, timeout_s)
