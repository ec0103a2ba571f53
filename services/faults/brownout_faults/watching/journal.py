"""What a process's breakers and retries did: states, numbered transitions, counts."""

from __future__ import annotations

import os
import threading
import time
import uuid
from collections import deque
from collections.abc import Callable
from typing import Any

KEPT = 200
"""Transitions kept for each breaker: minutes of flapping, in a document of some kilobytes."""

STATES = {
    "closed": "closed",
    "open": "open",
    "opened": "open",
    "half-open": "half-open",
    "half_open": "half-open",
    "half-opened": "half-open",
}
"""The contract's word for each word of the libraries."""


class _Breaker:
    """One breaker as it is now."""

    def __init__(self, state: str, now: float) -> None:
        self.state = state
        self.since = now
        self.open_s: float | None = None
        self.seq = 0
        self.transitions: deque[dict[str, Any]] = deque(maxlen=KEPT)


class Journal:
    """Keeps what is told; for any number of threads, greenlets and event loops.

    The lock is held for a few assignments at a time and never around a call of anybody else's.
    """

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._breakers: dict[str, _Breaker] = {}
        self._begin()
        os.register_at_fork(after_in_child=self._begin)

    def _begin(self) -> None:
        """Begin a life: a forked process has breakers of its own, in the states that it inherited."""
        self._lock = threading.Lock()
        self.boot_id = uuid.uuid4().hex
        self._requests = self._attempts = 0
        self._retries_known = False
        for one in self._breakers.values():
            one.seq = 0
            one.transitions.clear()

    def found(self, name: str, state: str, open_s: float | None = None) -> None:
        """Take in a breaker that is watched from now on; `open_s` is how long it stays open."""
        with self._lock:
            one = self._breakers.get(name)
            if one is None:
                one = self._breakers[name] = _Breaker(STATES.get(state, "closed"), self._clock())
            one.open_s = open_s if open_s is not None else one.open_s

    def changed(self, name: str, to: str, cause: str) -> None:
        """Take in a breaker's new state."""
        state, now = STATES.get(to, "closed"), self._clock()
        with self._lock:
            one = self._breakers.setdefault(name, _Breaker("closed", now))
            if one.state == state:
                return
            one.seq += 1
            entry = {"seq": one.seq, "at": now, "from": one.state, "to": state, "cause": cause}
            one.transitions.append(entry)
            one.state, one.since = state, now

    def watches_retries(self) -> None:
        """Say from now on how many requests and attempts there were, 0 included."""
        self._retries_known = True

    def attempted(self, is_first: bool) -> None:
        """Count an attempt, and with the first one of a call also a request."""
        with self._lock:
            self._attempts += 1
            self._requests += is_first

    def free_name(self, wanted: str) -> str:
        """Return `wanted`, or with a number if a breaker has that name."""
        with self._lock:
            number, name = 1, wanted
            while name in self._breakers:
                number += 1
                name = f"{wanted} {number}"
            return name

    def document(self) -> dict[str, Any]:
        """Return the contract's document."""
        with self._lock:
            now = self._clock()
            told: dict[str, Any] = {
                "boot_id": self.boot_id,
                "breakers": [_told(name, one, now) for name, one in self._breakers.items()],
            }
            if self._retries_known:
                told["retries"] = {"requests": self._requests, "attempts": self._attempts}
            return told


def _told(name: str, one: _Breaker, now: float) -> dict[str, Any]:
    left_s = None
    if one.state == "open" and one.open_s is not None:
        left_s = max(0.0, one.open_s - (now - one.since))
    return {
        "name": name,
        "state": one.state,
        "since": one.since,
        "seconds_until_half_open": left_s,
        "transitions": list(one.transitions),
    }
