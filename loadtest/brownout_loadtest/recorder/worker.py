"""The recorder's half on a worker: counts requests, and sends them to the master inside Locust's own report.

Since both travel in one message, Locust's totals on the master and the histograms can't disagree, whatever
is lost on the way. Locust reports every 3 s; here a report is sent just after each whole second as well, so
that the master has all of a second soon after it ended.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NoReturn, cast

import gevent

from brownout_loadtest.meter import LoadMeter

from .attach import attach
from .clock import RunClock
from .heartbeat import LoopWatch
from .report import KEY, WorkerReport
from .tally import Tally

if TYPE_CHECKING:
    from locust.env import Environment
    from locust.runners import WorkerRunner

logger = logging.getLogger(__name__)

REPORT_AFTER_S = 0.05
"""Past the whole second: requests that ended in it have been counted by then."""


class WorkerRecorder:
    """Made once a process; it works whenever a test runs."""

    def __init__(self, environment: Environment, meter: LoadMeter, *, clock: RunClock | None = None) -> None:
        """Adds its listeners to Locust's events."""
        self._environment = environment
        self._meter = meter
        self._clock = clock or RunClock()
        self._tally = Tally(self._clock, meter)
        self._sent = 0
        self._reporter: gevent.Greenlet | None = None
        self._loop = LoopWatch(self._clock, meter.oldest_wait_s)
        self._watcher: gevent.Greenlet | None = None
        events = environment.events
        attach(environment, self._tally)
        events.report_to_master.add_listener(self._add_to_report)
        events.test_start.add_listener(self._on_test_start)
        events.test_stop.add_listener(self._on_test_stop)

    def _on_test_start(self, **_: object) -> None:
        self._clock.anchor()
        self._sent = 0
        self._tally.clear()  # as Locust has just done with its own
        self._meter.drain()
        self._reporter = gevent.spawn(self._report_each_second)
        self._loop.begin()
        self._watcher = gevent.spawn(self._loop.watch)

    def _on_test_stop(self, **_: object) -> None:
        """The last report goes out before the master hears that this worker has stopped."""
        if self._reporter is None:
            return
        self._reporter.kill()
        self._reporter = None
        if self._watcher is not None:
            self._watcher.kill()
            self._watcher = None
        with self._tally.failures.guarded("a worker's last report"):
            self._send()

    def _report_each_second(self) -> NoReturn:
        while True:
            gevent.sleep(self._clock.until_next_second(REPORT_AFTER_S))
            with self._tally.failures.guarded("a worker's report"):
                self._send()

    def _send(self) -> None:
        """All of Locust's report, as its own reporter sends it."""
        from locust.exception import RPCError

        runner = cast("WorkerRunner", self._environment.runner)
        data: dict[str, Any] = {}
        self._environment.events.report_to_master.fire(client_id=runner.client_id, data=data)
        try:
            runner.send_message("stats", data)
        except RPCError as error:
            logger.error("a second's report could not be sent to the master: %s", error)

    def _add_to_report(self, data: dict[str, Any], **_: object) -> None:
        with self._tally.failures.guarded("a worker's report"):
            data[KEY] = self._report().packed()

    def _report(self) -> WorkerReport:
        parts = self._tally.drain()
        report = WorkerReport(
            clock=self._clock.now(),
            idle=self._reporter is None,
            unrecorded=self._tally.take_unrecorded(),
            failures=self._tally.failures.drain(),
            parts=parts,
            load=self._meter.drain(),
            stalls=list(self._loop.take()),
            health=self._loop.take_readings(),
        )
        self._sent += report.requests
        return replace(report, sent=self._sent)
