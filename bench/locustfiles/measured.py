"""Users who ask as fast as they can, recorded; prints one JSON object with what one stretch of it took."""

from __future__ import annotations

import json
import sys
import time
from typing import Any

import gevent
from locust import FastHttpUser, events, task

import brownout.locust  # noqa: F401

SETTLE_S = 1.0
STRETCH_S = 2.5


class Asker(FastHttpUser):
    """Asks again as soon as it has its answer."""

    @task
    def ask(self) -> None:
        """The whole of it."""
        self.client.get("/")


def _prepare(environment: Any, **_: object) -> None:
    def measure() -> None:
        gevent.sleep(SETTLE_S)
        before = _now(environment)
        gevent.sleep(STRETCH_S)
        after = _now(environment)
        json.dump({name: after[name] - before[name] for name in after}, sys.stdout)
        sys.stdout.flush()
        environment.runner.quit()

    environment.events.spawning_complete.add_listener(lambda **_: gevent.spawn(measure))


def _now(environment: Any) -> dict[str, float]:
    return {
        "requests": environment.stats.total.num_requests,
        "seconds": time.monotonic(),
        "cpu_s": time.process_time(),
    }


events.init.add_listener(_prepare)
