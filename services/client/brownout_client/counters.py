"""Counters of the client's work since its start. Retry amplification is `attempts` / `requests`."""

from collections import Counter
from threading import Lock
from typing import Any, Literal, get_args

Event = Literal["requests", "attempts", "retries", "short_circuits", "budget_denied"]
"""`requests` that came; `attempts`, the calls of the backend; `retries`, the attempts beyond a request's
first; `short_circuits`, requests that the breaker ended; `budget_denied`, retries for which the budget had
no token."""

Outcome = Literal["ok", "fallback", "error"]


class RequestCounters:
    """Plain integers that only grow; safe to share between threads and greenlets."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._events = dict.fromkeys(get_args(Event), 0)
        self._outcomes = dict.fromkeys(get_args(Outcome), 0)
        self._causes: Counter[str] = Counter()

    def add(self, event: Event) -> None:
        """Count one event."""
        with self._lock:
            self._events[event] += 1

    def finish(self, outcome: Outcome, cause: str | None) -> None:
        """Count a request's end; `cause` unless it is ok."""
        with self._lock:
            self._outcomes[outcome] += 1
            if cause is not None:
                self._causes[cause] += 1

    def snapshot(self) -> dict[str, Any]:
        """All of them at one moment: the events, `fallbacks`, and dictionaries of `outcomes` and `causes`."""
        with self._lock:
            return {
                **self._events,
                "fallbacks": self._outcomes["fallback"],
                "outcomes": dict(self._outcomes),
                "causes": dict(self._causes),
            }
