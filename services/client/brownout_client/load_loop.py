"""The lab's own load: one call a second, made by the client itself."""

import logging
import time
from collections.abc import Callable
from threading import Event, Lock, Thread

PERIOD_S = 1.0

log = logging.getLogger("client.load")


class LoadLoop:
    """Calls `call` once a second while started; one loop, however often started.

    A call that takes longer than a second delays the next one, which is not made up for.
    """

    def __init__(self, call: Callable[[], object]) -> None:
        self._call = call
        self._lock = Lock()
        self._stopped: Event | None = None

    @property
    def running(self) -> bool:
        return self._stopped is not None

    def start(self) -> bool:
        """Start; False if it runs already."""
        with self._lock:
            if self._stopped is not None:
                return False
            self._stopped = Event()
            Thread(target=self._run, args=(self._stopped,), name="load", daemon=True).start()
            return True

    def stop(self) -> bool:
        """Start no more calls; False if it did not run. One in flight ends by itself."""
        with self._lock:
            if self._stopped is None:
                return False
            self._stopped.set()
            self._stopped = None
            return True

    def _run(self, stopped: Event) -> None:
        due = time.monotonic()
        while not stopped.wait(max(0.0, due - time.monotonic())):
            try:
                self._call()
            except Exception:
                log.exception("the load's call failed")
            due = max(due + PERIOD_S, time.monotonic())
