"""A worker's part of an open-loop load: it follows the master."""

from __future__ import annotations

import logging
import os
import signal
from typing import Any

from locust.env import Environment

from brownout_loadtest.coordinator import read_message
from brownout_loadtest.open_loop import OpenLoop
from brownout_loadtest.options import load_of
from brownout_loadtest.recorder import RunClock
from brownout_loadtest.stopping import Stopping

logger = logging.getLogger(__name__)


class OpenLoopWorker:
    """Made once in a worker's process. Whether the load is open, Locust tells it with the other options."""

    def __init__(self, environment: Environment, loop: OpenLoop, clock: RunClock) -> None:
        self._environment = environment
        self._options: Any = environment.parsed_options
        self._loop = loop
        self._clock = clock
        self._stopping = Stopping(environment, self._end_by_force)

    def test_start(self) -> None:
        """The master is about to have users spawned."""
        self._loop.wall = self._clock.now
        self._loop.begin(is_open=load_of(self._options).is_open)

    def shared(self, message: dict[str, Any]) -> None:
        """The master told this worker's share."""
        schedule, start_wall, share = read_message(message)
        self._loop.follow(schedule, start_wall, share)

    def test_stopping(self) -> None:
        """No arrival after this."""
        self._stopping.begin()
        self._loop.pause()

    def _end_by_force(self, _reason: str) -> None:
        """Send the last report, with all that was counted; then end this process and its users."""
        self._environment.events.test_stop.fire(environment=self._environment)
        logging.shutdown()
        os.kill(os.getpid(), signal.SIGKILL)  # SystemExit would be raised in this greenlet alone

    def test_stop(self) -> None:
        """All users are gone."""
        self._stopping.ended()
        # Locust would wait for as long again before it listens to the master: the users are gone by now.
        self._environment.stop_timeout = 0.0
        if cut_off := self._loop.close():
            logger.warning("%d requests had no answer yet when the load ended; they are not counted", cut_off)
