"""Sees to it that a load that was told to end does end, whatever its users do.

Locust stops users by an exception in their greenlets. A task that catches everything, as `except:` does, goes
on, and Locust waits for it for ever. A task that ends the load itself is stopped in the middle of that.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import gevent
from locust.env import Environment
from locust.log import greenlet_exception_logger

logger = logging.getLogger(__name__)

FORCE_S = 20.0
"""Time after the end of a load, besides what requests under way get (--stop-timeout)."""

OBSTINATE = (
    "users did not stop when the load had ended, and were left behind {seconds:g} s later: a task that "
    "catches everything, as `except:` does, can't be stopped"
)


class Stopping:
    """A watch from `begin`, when a load is told to end, until `ended`."""

    def __init__(self, environment: Environment, by_force: Callable[[str], None]) -> None:
        """`by_force` gets the reason, when it must end with users who do not."""
        self._environment = environment
        self._by_force = by_force
        self._greenlets: list[Any] = []

    def begin(self) -> str | None:
        """The load was told to end; the reason, if a task of its own did it."""
        self._spawn(self._wait_for_end)
        runner: Any = self._environment.runner
        me = gevent.getcurrent()
        if me not in runner.user_greenlets:
            return None
        user = type(me.args[0]).__name__ if getattr(me, "args", ()) else "a user"
        self._spawn(self._end_in_its_place, me)
        return f"a task of {user} ended it, by runner.quit() or runner.stop()"

    def ended(self) -> None:
        """All users are gone."""
        gevent.killall([one for one in self._greenlets if one is not gevent.getcurrent()], block=False)
        self._greenlets.clear()

    def _wait_for_end(self) -> None:
        seconds = self._environment.stop_timeout + FORCE_S
        gevent.sleep(seconds)
        count = self._environment.runner.user_count if self._environment.runner else 0
        reason = f"{count} {OBSTINATE.format(seconds=seconds)}"
        logger.error("%s", reason)
        self._by_force(reason)

    def _end_in_its_place(self, user: Any) -> None:
        """Finish what a task began with runner.quit(), which mostly ends its own greenlet before its end."""
        user.join(self._environment.stop_timeout + FORCE_S)
        runner: Any = self._environment.runner
        if runner.state == "cleanup":
            options: Any = self._environment.parsed_options
            runner.quit() if options.headless else runner.stop()

    def _spawn(self, work: Callable[..., None], *arguments: object) -> None:
        greenlet = gevent.spawn(work, *arguments)
        greenlet.link_exception(greenlet_exception_logger(logger))
        self._greenlets.append(greenlet)
