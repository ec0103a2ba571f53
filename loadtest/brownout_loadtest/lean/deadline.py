"""A deadline for what a greenlet waits for: the greenlet gets a DeadlineError wherever it waits."""

from __future__ import annotations

from types import TracebackType
from typing import Any

from gevent import get_hub, getcurrent


class DeadlineError(TimeoutError):
    """A request, or a connection, took longer than it may."""

    @property
    def original(self) -> DeadlineError:
        """Itself: FastHttpUser wraps a time-out, and locustfiles look into the wrapping."""
        return self

    def __repr__(self) -> str:
        return f"TimeoutError({str(self)!r})"


class Deadline:
    """A deadline of `seconds`, used again and again by one greenlet at a time; also as a context manager.

    It costs a fraction of gevent.Timeout, which makes an exception and a timer for each use.
    """

    __slots__ = ("_greenlet", "_seconds", "_timer", "_what")

    def __init__(self, seconds: float, what: str) -> None:
        """`what` was late, for the message."""
        self._seconds, self._what = seconds, what
        self._timer = get_hub().loop.timer(0.0, max(seconds, 1e-6))
        self._greenlet: Any = None

    def start(self) -> None:
        """Begin to count for the greenlet that calls."""
        self._greenlet = getcurrent()
        self._timer.again(self._expire)

    def stop(self) -> None:
        """Count no more."""
        self._timer.stop()

    def close(self) -> None:
        """Give the timer back for good."""
        self._timer.stop()
        self._timer.close()

    def __enter__(self) -> None:
        self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _expire(self) -> None:
        self._timer.stop()
        if self._greenlet is not None:
            self._greenlet.throw(DeadlineError(f"{self._what} after {self._seconds:g} s"))
