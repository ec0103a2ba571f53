"""A locustfile whose service is not the lab's, and whose outcomes are its own."""

from typing import Any

from locust import FastHttpUser, HttpUser, constant, task

import brownout
import brownout.locust


@brownout.outcome("error")
def page(response: Any) -> object:
    return "a page" if response.content.startswith(b"<") else None


@brownout.outcome("fallback")
def broken(response: Any) -> bool:
    return bool(response.no_such_thing)


class Slow(HttpUser):
    wait_time = constant(0.01)

    @task
    def get(self) -> None:
        self.client.get("/slow")


class Fast(FastHttpUser):
    wait_time = constant(0.01)

    @task
    def get(self) -> None:
        self.client.get("/fast")

    @task
    def marked(self) -> None:
        with self.client.get("/marked", catch_response=True) as response:
            brownout.outcome("fallback", "marked")
            response.success()

    @task
    def marked_too_late(self) -> None:
        self.client.get("/late")
        brownout.outcome("fallback", "late")
