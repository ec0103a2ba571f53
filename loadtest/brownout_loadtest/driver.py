"""Follows a load: the one place where brownout tells Locust how many users there are, and when it ends.

Locust asks a LoadTestShape once a second. It takes one from the locustfile only, never from its form or its
command line; so the plugin puts a Driver into the environment before Locust looks, run by run.
"""

from __future__ import annotations

import math
import time
from typing import Any

import gevent
from locust import LoadTestShape
from locust.runners import MasterRunner

from brownout_loadtest.options import LoadOptions
from brownout_loadtest.shapes.polyline import level_at


class Driver(LoadTestShape):
    """One run's load. In open loop its time counts from the first arrivals' moment, told by `begin`."""

    use_common_options = True

    def __init__(self, load: LoadOptions) -> None:
        shape: Any = super()  # LoadTestShape.__init__ has no types
        shape.__init__()
        self.load = load
        self._began: float | None = None
        self._users: int | None = None

    @property
    def has_begun(self) -> bool:
        """Whether the load's time runs."""
        return self._began is not None

    def begin(self, seconds: float) -> None:
        """The load's time starts `seconds` from now."""
        self._began = time.perf_counter() + seconds

    def tick(self) -> tuple[int, float] | None:
        """(users, users to spawn per second), all of them at once; None when the run time is over."""
        if not self.load.is_open and not self.has_begun:
            self.begin(0)
        elapsed = 0.0 if self._began is None else time.perf_counter() - self._began
        left = math.inf if self.load.run_time_s is None else self.load.run_time_s - elapsed
        users = self._users_at(elapsed)
        if self._users is not None and (left <= 0 or (left < 1 and users == self._users)):
            # Locust would ask again in a second only: the end comes when it is due.
            gevent.sleep(max(0.0, left))
            if isinstance(self.runner, MasterRunner):
                # Locust would tell its workers to quit, and wait half a second for their last reports, while
                # their requests under way may take longer. Told to stop, they are waited for.
                self.runner.stop()
            return None
        self._users = users
        return users, self.load.peak_users

    def _users_at(self, second: float) -> int:
        peak = self.load.peak_users
        return peak if self.load.is_open else max(1, round(peak * level_at(self.load.line, second)))
