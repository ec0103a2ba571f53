"""A fault set in force."""

import asyncio
import threading
from collections.abc import Callable, Sequence
from random import Random

from .fault import Fault
from .match import RequestFacts, is_at, is_for
from .selection import Hit, select


class ActiveFaults:
    """A fault set, from the moment when it is applied until it is replaced or its lease lapses.

    `clock` gives seconds and never goes back, like `time.monotonic`.
    """

    def __init__(
        self,
        faults: Sequence[Fault],
        *,
        seed: int | None,
        revision: int,
        clock: Callable[[], float],
        lease_s: float | None = None,
        dependency: str | None = None,
    ) -> None:
        self.faults = tuple(faults)
        self.seed = seed
        self.revision = revision
        streams = [(fault, _stream(seed, index)) for index, fault in enumerate(faults)]
        self.here = [one for one in streams if not one[0].match or is_at(one[0].match, dependency)]
        """The faults that are for this dependency, each with its own stream of random numbers."""
        self.reads_requests = any(fault.match for fault, _ in self.here)
        """Whether it depends on the request which faults are for it."""
        self._clock = clock
        self._ended = threading.Event()
        self._sleepers: set[Callable[[], object]] = set()
        self.renew(lease_s)

    def renew(self, lease_s: float | None) -> None:
        """Start the lease again; None: the faults stay in force until they are ended."""
        self.lease_s = lease_s
        self._lapses_at = None if lease_s is None else self._clock() + lease_s

    def end(self) -> None:
        """Release every request that waits: the faults are no longer in force."""
        self._ended.set()
        for wake in tuple(self._sleepers):
            wake()

    def select(
        self, facts: RequestFacts | None = None, is_able: Callable[[Fault], bool] | None = None
    ) -> Sequence[Hit]:
        """Choose what hits a request with these facts, of the faults that the executor is able to do.

        Each fault that is for the request takes the next number of its own stream: the n-th request that it
        is for has the same number, whatever other faults there are.
        """
        these = self.here
        if self.reads_requests:
            these = [one for one in these if not one[0].match or is_for(one[0].match, facts)]
        if is_able is not None:
            these = [one for one in these if is_able(one[0])]
        return select((fault for fault, _ in these), (draw() for _, draw in these).__next__)

    def lease_remaining_s(self) -> float | None:
        """Seconds until the lease lapses, 0 or less when it has; None without a lease."""
        return None if self._lapses_at is None else self._lapses_at - self._clock()

    def lapsed(self) -> bool:
        remaining = self.lease_remaining_s()
        return remaining is not None and remaining <= 0

    def sleep(self, seconds: float) -> bool:
        """Wait while the faults are in force. Returns False if they ended before the time was up.

        No lock is held meanwhile. Under gevent's monkey-patching only the calling greenlet waits.
        """
        until = self._clock() + seconds
        while not self.lapsed():
            if (left := self._left_s(until)) <= 0:
                return True
            if self._ended.wait(left):
                return False
        return False

    async def sleep_async(self, seconds: float) -> bool:
        """Do what `sleep` does; only the calling task waits."""
        loop, ended = asyncio.get_running_loop(), asyncio.Event()

        def wake() -> None:
            loop.call_soon_threadsafe(ended.set)

        until = self._clock() + seconds
        self._sleepers.add(wake)
        try:
            while not self.lapsed() and not self._ended.is_set():
                if (left := self._left_s(until)) <= 0:
                    return True
                try:
                    async with asyncio.timeout(left):
                        await ended.wait()
                except TimeoutError:
                    continue
            return False
        finally:
            self._sleepers.discard(wake)

    def _left_s(self, until: float) -> float:
        """Seconds to wait, but not past the lease: by then it may have lapsed, or have been renewed."""
        left, lease = until - self._clock(), self.lease_remaining_s()
        return left if lease is None or left <= 0 else min(left, max(lease, 1e-3))


def _stream(seed: int | None, index: int) -> Callable[[], float]:
    """The random numbers of the fault at this place of the document; without a seed, by chance."""
    return Random(None if seed is None else f"{seed}/{index}").random
