"""Locustfile of the plugin: users who all ask for what the test that runs has ordered."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from locust import task
from locust.env import Environment

import brownout.locust
from brownout.test_session import order
from brownout_loadtest.locust_seam import EVENTS

_order = order.VisitOrder()


def take_order(**_: Any) -> None:
    """Read it at the start of each load."""
    global _order  # noqa: PLW0603 - Locust makes the users, and hands them nothing
    _order = order.VisitOrder(**json.loads(Path(os.environ[order.VARIABLE]).read_text("utf-8")))


EVENTS.test_start.add_listener(take_order)


class Visitor(brownout.locust.OneTryUser):
    """Asks the same thing again and again."""

    def __init__(self, environment: Environment) -> None:
        self.network_timeout = self.connection_timeout = _order.timeout_s
        super().__init__(environment)

    def wait_time(self) -> float:
        """Pause between an answer and the next request, in closed loop."""
        return _order.think_time_s

    @task
    def visit(self) -> None:
        """One request."""
        self.client.request(_order.method, _order.path, headers=_order.headers, json=_order.json)
