"""Decides, in a local process or on the master, what load to make and when it begins and ends."""

from __future__ import annotations

import argparse
import logging
import time
from typing import Any

import gevent
from locust.env import Environment
from locust.exception import StopTest
from locust.runners import STATE_RUNNING, STATE_SPAWNING, MasterRunner
from locust.user.users import PytestUser

from brownout_loadtest.coordinator import Coordinator
from brownout_loadtest.driver import Driver
from brownout_loadtest.locust_seam import forget_users
from brownout_loadtest.open_loop import OpenLoop
from brownout_loadtest.options import DRAIN_S, LoadError, LoadOptions, load_of
from brownout_loadtest.outcome_rules import OWN
from brownout_loadtest.own_options import ours
from brownout_loadtest.recorder import Recorder, RunClock, RunFolderError
from brownout_loadtest.sharing import ArrivalShare
from brownout_loadtest.stopping import Stopping
from brownout_terms.exits import Exit

logger = logging.getLogger(__name__)

START_LEAD_S = 0.5
"""Time from the last user's start to the first arrival: users get to their gates, workers to their shares."""


class Controller:
    """Made once a process; each test goes through `arm`, `test_start`, `spawning_complete`, `test_stop`."""

    def __init__(
        self, environment: Environment, loop: OpenLoop, recorder: Recorder | None, clock: RunClock
    ) -> None:
        self._environment = environment
        self._runner: Any = environment.runner
        self._options: Any = environment.parsed_options
        self._loop = loop
        self._recorder = recorder
        self._clock = clock
        self._stop_timeout = environment.stop_timeout
        self._coordinator: Coordinator | None = None
        self._load: LoadOptions | None = None
        self._started: float | None = None
        self.is_interrupted = False
        """Set when a signal asked for the end."""
        self.is_told_to_end = False
        """Whether a signal has asked this process to end, in whatever test."""
        self.is_forwarded = False
        """Whether the load goes through a port-forward, which the run's manifest says then."""
        self._stopping = Stopping(environment, self._end_by_force)
        self._ended_because: str | None = None
        self.aborted_by: str | None = None
        """The condition that ended the load early."""
        if isinstance(self._runner, MasterRunner):
            self._coordinator = Coordinator(self._runner, self._note_shares)

    @property
    def load(self) -> LoadOptions | None:
        """What was armed last."""
        return self._load

    def arm(self, options: argparse.Namespace) -> str | None:
        """Get ready for the load that the options ask for; returns a complaint if it can't be."""
        driver = self._environment.shape_class
        if self._runner.state in (STATE_SPAWNING, STATE_RUNNING):
            return (
                "This test follows a shape or an arrival rate: stop it, then start another."
                if isinstance(driver, Driver)
                else None
            )
        try:
            load = load_of(options)
        except LoadError as error:
            return str(error)
        if load.is_driven and (complaint := self._hindrance()):
            return complaint
        self._take(load)
        return None

    def test_start(self) -> None:
        """The load begins: users are about to be spawned. Raises StopTest if it can't be recorded."""
        load = self._load or load_of(self._options)
        self._load, self._started, self.is_interrupted = load, time.perf_counter(), False
        self._ended_because = self.aborted_by = None
        if self._recorder is not None:
            self._start_recorder(self._recorder, load)
        self._loop.wall = self._clock.now
        self._loop.begin(is_open=load.is_open and self._coordinator is None)

    def spawning_complete(self) -> None:
        """All users are there: in open loop, arrivals begin in a moment."""
        driver = self._environment.shape_class
        if not isinstance(driver, Driver) or not driver.load.is_open or driver.has_begun:
            return
        driver.begin(START_LEAD_S)
        schedule = driver.load.schedule
        if self._coordinator is not None:
            self._coordinator.start(schedule, time.time() + START_LEAD_S)
            return
        self._loop.follow(schedule, self._clock.now() + START_LEAD_S, ArrivalShare(0.0, 0, 1), for_good=True)
        self._event("load", action="started", lead_s=START_LEAD_S)

    def test_stopping(self) -> None:
        """The load ends: no arrival after this."""
        reason = self._stopping.begin()
        self._ended_because = self._ended_because or reason
        if self._coordinator is not None:
            self._coordinator.stop()
        self._loop.pause()

    def test_stop(self) -> None:
        """All users are gone."""
        self._stopping.ended()
        cut_off = self._loop.close()
        if self._started is None:
            return  # Locust says so even where no test was
        if cut_off:
            logger.warning("%d requests had no answer yet when the load ended; they are not counted", cut_off)
        self._event("load", action="ended", cut_off=cut_off)
        if self._recorder is not None:
            self._recorder.stop(self._how_ended(), self._ended_because)
        self._started = None

    def quitting(self) -> None:
        """Locust itself ends; if a test is on, a signal was the reason."""
        self.is_interrupted = True

    def abort(self, condition: str, reason: str) -> None:
        """End the load early, since a condition held under which it is to end."""
        self.aborted_by = condition
        self._ended_because = (
            f"{reason}, {time.perf_counter() - (self._started or 0.0):.0f} s after its start"
        )
        logger.warning("The load ends early: %s", self._ended_because)
        self._event("load", action="aborted", condition=condition, reason=reason)
        self._environment.process_exit_code = int(Exit.MISSED)
        gevent.spawn(self._runner.quit if self._options.headless else self._runner.stop)

    def _end_by_force(self, reason: str) -> None:
        """End the run although users go on; with a web UI the process stays, for the next test."""
        self._ended_because = reason
        self.test_stop()
        if self._options.headless:
            forget_users(self._runner)
            gevent.kill(gevent.get_hub().parent, KeyboardInterrupt())

    def _hindrance(self) -> str | None:
        """What about this locustfile or command line stands in the way of a shape or an arrival rate."""
        own = self._environment.shape_class
        if own is not None and not isinstance(own, Driver):
            return (
                f'The locustfile brings its own load shape, "{type(own).__name__}".\n\n'
                "Leave --shape and --arrival-rate out, or take the class out of the locustfile."
            )
        if self._options.class_picker:
            return (
                "--class-picker sets the load shape anew.\n\nLeave it out to use --shape or --arrival-rate."
            )
        tests = [user.__name__ for user in self._environment.user_classes if issubclass(user, PytestUser)]
        if tests:
            return f'--arrival-rate and --shape need users with tasks; "{tests[0]}" is a pytest function.'
        return None

    def _take(self, load: LoadOptions) -> None:
        self._load = load
        environment = self._environment
        environment.stop_timeout = self._stop_timeout or (DRAIN_S if load.is_open else 0.0)
        if load.is_driven:
            environment.shape_class = Driver(load)
            environment.shape_class.runner = self._runner
        elif isinstance(environment.shape_class, Driver):
            environment.shape_class = None
        if load.is_open:
            # A worker's users must not be missing for the minute after which Locust redistributes them.
            self._options.enable_rebalancing = True
            self._warn_if_scarce(load)

    def _warn_if_scarce(self, load: LoadOptions) -> None:
        reach_s = load.peak_users / load.schedule.rate
        if reach_s < 1:
            logger.warning(
                "%d users carry %g requests per second only while answers take less than %.0f ms on average; "
                "arrivals that find none idle are dropped, and counted. More users: --users",
                load.peak_users,
                load.schedule.rate,
                reach_s * 1000,
            )

    def _start_recorder(self, recorder: Recorder, load: LoadOptions) -> None:
        try:
            folder = recorder.start(self._settings(load))
        except RunFolderError as error:
            logger.error("%s", error)
            self._environment.process_exit_code = 1
            self._started = None
            gevent.spawn(self._runner.quit if self._options.headless else self._runner.stop)
            raise StopTest(str(error)) from error
        logger.info("Recording to %s", folder)

    def _settings(self, load: LoadOptions) -> dict[str, Any]:
        environment = self._environment
        workers = self._runner.worker_count if self._coordinator is not None else None
        own = ours(self._options)
        return {
            "label": own.label or "run",
            "target": environment.host,
            "forwarded": self.is_forwarded,
            "locustfile": environment.locustfile,
            "user_classes": sorted(user.__name__ for user in environment.user_classes),
            "count_as_failure": getattr(own, "count_as_failure", None),
            "outcomes": OWN.described() or None,
            "aborts": list(own.abort) or None,
            "load": {
                **load.settings(),
                "spawn_rate": None if load.is_driven else self._options.spawn_rate,
                "stop_timeout_s": environment.stop_timeout,
                "workers": workers,
            },
        }

    def _how_ended(self) -> str:
        load, started = self._load, self._started
        if self.aborted_by:
            return "aborted"
        if self.is_interrupted or load is None or started is None:
            return "interrupted"
        # Locust's own timer starts a little before the test does.
        is_over = load.run_time_s is not None and time.perf_counter() - started > load.run_time_s - 1
        return "completed" if is_over else "stopped"

    def _note_shares(self, workers: list[str], since: float) -> None:
        self._event("load", action="shared", workers=workers, since_s=since)

    def _event(self, kind: str, **fields: object) -> None:
        if self._recorder is not None:
            self._recorder.event(kind, **fields)
