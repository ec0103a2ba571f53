"""Both of Locust's HTTP clients; at its end it says what of OpenTelemetry is imported."""

import sys
from typing import Any

from locust import FastHttpUser, HttpUser, constant, events, task

import brownout
import brownout.locust


class Slow(HttpUser):
    wait_time = constant(0.05)

    @task
    def get(self) -> None:
        self.client.get("/slow", headers={"X-Own": "1"})


class Fast(FastHttpUser):
    wait_time = constant(0.05)

    @task
    def get(self) -> None:
        with self.client.get("/fast", catch_response=True) as response:
            brownout.outcome("fallback", "marked")
            response.success()


def say(**_: object) -> None:
    print("imported:", sum(name.startswith("opentelemetry") for name in sys.modules), flush=True)


EVENTS: Any = events
EVENTS.quitting.add_listener(say)
