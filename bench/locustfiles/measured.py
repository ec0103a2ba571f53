"""Users who ask as fast as they can, recorded; prints one JSON object with what one stretch of it took."""

from __future__ import annotations

import json
import sys
from typing import Any

import gevent
from locust import events

import brownout.locust  # noqa: F401
from bench.locustfiles.asking import Asker, now

__all__ = ["Asker"]  # Locust's users

SETTLE_S = 1.0
STRETCH_S = 2.5


def _prepare(environment: Any, **_: object) -> None:
    def measure() -> None:
        gevent.sleep(SETTLE_S)
        before = now(environment)
        gevent.sleep(STRETCH_S)
        after = now(environment)
        json.dump({name: after[name] - before[name] for name in after}, sys.stdout)
        sys.stdout.flush()
        environment.runner.quit()

    environment.events.spawning_complete.add_listener(lambda **_: gevent.spawn(measure))


events.init.add_listener(_prepare)
