"""Users who ask as fast as they can: what one Locust process carries, with brownout (BENCH_RECORD=1) or without.

Prints the requests, seconds and processor seconds of the steady part of the run to the file BENCH_FIGURES.
"""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import gevent
from locust import FastHttpUser, events, task

if os.environ.get("BENCH_RECORD"):
    import brownout.locust  # noqa: F401

WARM_UP_S = 0.5
began: dict[str, float] = {}


class Asker(FastHttpUser):
    """Asks again as soon as it has its answer."""

    @task
    def ask(self) -> None:
        """The whole of it."""
        self.client.get("/")


def _now(environment: Any) -> dict[str, float]:
    return {
        "requests": environment.stats.total.num_requests,
        "seconds": time.monotonic(),
        "cpu_s": time.process_time(),
    }


@events.spawning_complete.add_listener
def _begin(**_: object) -> None:
    gevent.spawn_later(WARM_UP_S, lambda: began.update(_now(_environment[0])))


@events.test_stopping.add_listener
def _end(environment: Any, **_: object) -> None:
    ended = _now(environment)
    figures = {name: ended[name] - began[name] for name in ended}
    Path(os.environ["BENCH_FIGURES"]).write_text(json.dumps(figures), "utf-8")


_environment: list[Any] = []
events.init.add_listener(lambda environment, **_: _environment.append(environment))
