"""A fault set in force."""

import threading
from collections.abc import Callable, Sequence
from random import Random

from .fault import Fault


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
    ) -> None:
        self.faults = tuple(faults)
        self.seed = seed
        self.revision = revision
        self.random = Random(seed).random
        self._clock = clock
        self._ended = threading.Event()
        self.renew(lease_s)

    def renew(self, lease_s: float | None) -> None:
        """Start the lease again; None: the faults stay in force until they are ended."""
        self.lease_s = lease_s
        self._lapses_at = None if lease_s is None else self._clock() + lease_s

    def end(self) -> None:
        """Release every request that waits: the faults are no longer in force."""
        self._ended.set()

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
            left = until - self._clock()
            if left <= 0:
                return True
            # Not past the lease: by then it may have lapsed, or have been renewed.
            lease = self.lease_remaining_s()
            if self._ended.wait(left if lease is None else min(left, lease)):
                return False
        return False
