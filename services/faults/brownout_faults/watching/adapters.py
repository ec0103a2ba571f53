"""What each library is asked for: a class by its name and module, so that none has to be installed.

No listener lets an error out: the service's call must not fail because somebody watches it.
"""

from __future__ import annotations

import inspect
import logging
from collections.abc import Callable
from typing import Any

from .journal import Journal

logger = logging.getLogger("brownout.watch")

Adapter = Callable[[Any, str | None, Journal], None]


def adapter_of(thing: object) -> Adapter | None:
    """Return what can watch this object; None if nothing can."""
    if _is(thing, "pybreaker", "CircuitBreaker"):
        return _watch_pybreaker
    if _is(thing, "purgatory", "SyncCircuitBreakerFactory", "AsyncCircuitBreakerFactory"):
        return _watch_purgatory
    if _is(thing, "tenacity", "BaseRetrying"):
        return _watch_tenacity
    if _is(getattr(thing, "retry", None), "tenacity", "BaseRetrying"):
        return lambda function, name, journal: _watch_tenacity(function.retry, name, journal)
    return None


def _is(thing: object, package: str, *names: str) -> bool:
    return any(
        one.__name__ in names and one.__module__.partition(".")[0] == package for one in type(thing).__mro__
    )


class _PybreakerListener:
    """Has the methods that pybreaker calls on a listener."""

    def __init__(self, name: str, journal: Journal) -> None:
        self._name = name
        self._journal = journal
        self._failure = ""

    def before_call(self, *_: Any, **__: Any) -> None:
        """Do nothing: only changes of state are of interest."""

    def success(self, *_: Any) -> None:
        """Do nothing."""

    def failure(self, _: Any, error: BaseException) -> None:
        """Keep the failure: it may be the one that opens the breaker."""
        self._failure = type(error).__name__

    def state_change(self, _: Any, __: Any, new: Any) -> None:
        """Tell the journal."""
        try:
            causes = {"open": self._failure or "opened", "half-open": "its time-out has passed"}
            self._journal.changed(self._name, new.name, causes.get(new.name, "a call succeeded"))
        except Exception:  # the service's call goes on
            logger.debug("a change of a breaker was not noted", exc_info=True)


def _watch_pybreaker(breaker: Any, name: str | None, journal: Journal) -> None:
    if any(isinstance(one, _PybreakerListener) for one in breaker.listeners):
        return
    known = journal.free_name(name or breaker.name or "breaker")
    journal.found(known, breaker.current_state, breaker.reset_timeout)
    breaker.add_listener(_PybreakerListener(known, journal))


def _watch_purgatory(factory: Any, name: str | None, journal: Journal) -> None:
    if any(getattr(one, "is_brownouts", False) for one in factory.listeners):
        return
    prefix = f"{name} " if name else ""

    def listener(circuit: str, kind: str, event: Any) -> None:
        try:
            if kind == "state_changed":
                cause = {"opened": "too many failures", "half-opened": "its time-out has passed"}
                journal.changed(prefix + circuit, event.state, cause.get(event.state, "a call succeeded"))
            else:
                journal.found(prefix + circuit, "closed", getattr(event, "ttl", None))
        except Exception:  # the service's call goes on
            logger.debug("a change of a breaker was not noted", exc_info=True)

    vars(listener)["is_brownouts"] = True
    contexts = getattr(getattr(factory, "uow", None), "contexts", None)
    for circuit, context in dict(getattr(contexts, "breakers", None) or {}).items():
        journal.found(prefix + circuit, context.state, context.ttl)
    factory.add_listener(listener)


def _watch_tenacity(retrying: Any, _: str | None, journal: Journal) -> None:
    """Count by its `before` hook, which each copy that it makes of itself for a call takes along."""
    original = retrying.before
    if getattr(original, "is_brownouts", False):
        return
    journal.watches_retries()

    def before(state: Any) -> Any:
        journal.attempted(state.attempt_number == 1)
        return original(state) if original else None

    async def before_async(state: Any) -> None:
        journal.attempted(state.attempt_number == 1)
        await original(state)

    hook: Any = before_async if inspect.iscoroutinefunction(original) else before
    hook.is_brownouts = True
    retrying.before = hook
