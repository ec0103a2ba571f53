"""The master's part of an open-loop load: shares the schedule out among the workers that carry users."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import gevent
from locust.log import greenlet_exception_logger
from locust.runners import MasterRunner

from brownout_loadtest.arrivals import Schedule
from brownout_loadtest.sharing import LEAD_S, ArrivalShare, deal

logger = logging.getLogger(__name__)

MESSAGE = "brownout_share"
"""Master to worker: the schedule, the wall time of its start, and the worker's share from a second on. By
how much the clocks of two machines differ (NTP: some milliseconds), by so much is a worker's part shifted."""

LOOK_S = 0.25
"""How often the master looks who is there."""

REPEAT_S = 1.0
"""How often it repeats the shares, for workers that a message didn't reach."""


class Coordinator:
    """Shares one load from `start` to `stop`."""

    def __init__(self, runner: MasterRunner, on_shared: Callable[[list[str], float], None]) -> None:
        """`on_shared` is told each time: the workers, and the second of the load from which it holds."""
        self._runner = runner
        self._on_shared = on_shared
        self._watcher: Any = None

    def start(self, schedule: Schedule, start_wall: float) -> None:
        """Share the schedule out, and again whenever a worker joins or leaves."""
        self._watcher = gevent.spawn(self._watch, schedule, start_wall)
        self._watcher.link_exception(greenlet_exception_logger(logger))

    def stop(self) -> None:
        """Share no more; the workers stop with the load."""
        if self._watcher is not None:
            self._watcher.kill()
            self._watcher = None

    def _watch(self, schedule: Schedule, start_wall: float) -> None:
        known: list[str] = []
        shares: dict[str, ArrivalShare] = {}
        since = repeat_at = 0.0
        while True:
            present = self._carriers()
            now = time.time() - start_wall
            if present and present != known:
                since = max(0.0, now + LEAD_S) if known else 0.0
                shares, known, repeat_at = deal(present, since), present, now
                self._on_shared(present, since)
            if known and now >= repeat_at:
                self._announce(schedule, start_wall, shares, since)
                repeat_at = now + REPEAT_S
            gevent.sleep(LOOK_S)

    def _carriers(self) -> list[str]:
        """The workers with users: one that has just joined would drop every arrival."""
        clients = self._runner.clients
        return sorted(node.id for node in clients.running + clients.spawning if node.user_count > 0)

    def _announce(
        self, schedule: Schedule, start_wall: float, shares: dict[str, ArrivalShare], since: float
    ) -> None:
        """Tell those without a share as well: a worker that was cut off must not go on with its old one."""
        for node in self._runner.clients.all:
            share = shares.get(node.id, ArrivalShare(since, None, 1))
            data = {"schedule": asdict(schedule), "start_wall": start_wall, "share": asdict(share)}
            self._runner.send_message(MESSAGE, data, client_id=node.id)


def read_message(data: dict[str, Any]) -> tuple[Schedule, float, ArrivalShare]:
    """What a worker was told: the schedule, the wall time of its start, and the share."""
    line = [(second, level) for second, level in data["schedule"]["line"]]
    schedule = Schedule(**{**data["schedule"], "line": line})
    return schedule, data["start_wall"], ArrivalShare(**data["share"])
