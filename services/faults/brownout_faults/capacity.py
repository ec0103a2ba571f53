"""A limit of what an application does at once: requests in service, a bounded queue; the rest is shed.

This is not a fault, but it makes faults last: a real backend has a limited number of workers, and work that
nobody waits for any more occupies one as well. Without a limit retries cost nothing, and no overload outlives
its cause.
"""

import threading
import time
from collections import deque
from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import msgspec

from . import problem
from .problem import Problem

ALLOWED = {"concurrency": (1, 10_000), "service_time_ms": (0, 600_000), "queue_limit": (0, 100_000)}


class Limits(msgspec.Struct, frozen=True):
    """An application's capacity is `concurrency` · 1000 / `service_time_ms` requests per second."""

    concurrency: int
    """Requests in service at the same time: the worker slots."""

    service_time_ms: int = 0
    """Shortest time for which each holds its slot. It waits and does not compute, so that the limit does not
    depend on the machine."""

    queue_limit: int = 100
    """Requests that may wait for a slot, first come, first served. Any beyond that are shed: 503, at once."""

    def __post_init__(self) -> None:
        for name, (least, most) in ALLOWED.items():
            if not least <= getattr(self, name) <= most:
                raise ValueError(f"{name} is {getattr(self, name)}; allowed: {least} to {most}")


class Capacity:
    """The slots of one application. Safe for threads and greenlets.

    A request keeps its place in the queue and its slot even if its caller has given up: a real server, too,
    finds that out only when it answers.
    """

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._lock = threading.Lock()
        self._queue: deque[threading.Event] = deque()
        self._busy = self._shed = 0

    def serve(
        self, app: WSGIApplication, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        """Let `app` answer when there is a slot; it is free again when `app` returns."""
        if not self._enter():
            return problem.answer(self._refusal())(environ, start_response)
        try:
            if self.limits.service_time_ms:
                time.sleep(self.limits.service_time_ms / 1000)
            return app(environ, start_response)
        finally:
            self._leave()

    def report(self) -> dict[str, int]:
        """Return the limits, the `busy` slots, the `queued` requests, and how many requests were `shed`."""
        with self._lock:
            standing = {"busy": self._busy, "queued": len(self._queue), "shed": self._shed}
        return {**msgspec.to_builtins(self.limits), **standing}

    def _enter(self) -> bool:
        """Wait for a slot. Returns False, and at once, if the queue is full."""
        with self._lock:
            if self._busy < self.limits.concurrency:
                self._busy += 1
                return True
            if len(self._queue) >= self.limits.queue_limit:
                self._shed += 1
                return False
            turn = threading.Event()
            self._queue.append(turn)
        try:
            turn.wait()
        except BaseException:  # the server ends this greenlet: its slot must not be lost
            self._give_up(turn)
            raise
        return True

    def _leave(self) -> None:
        """Pass the slot on to the request that has waited longest; no new one may overtake it."""
        with self._lock:
            if self._queue:
                self._queue.popleft().set()
            else:
                self._busy -= 1

    def _give_up(self, turn: threading.Event) -> None:
        with self._lock:
            if turn in self._queue:
                self._queue.remove(turn)
                return
        self._leave()

    def _refusal(self) -> Problem:
        limits = self.limits
        return Problem(
            503, f"all {limits.concurrency} slots are busy, and the queue of {limits.queue_limit} is full"
        )
