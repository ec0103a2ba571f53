"""A locustfile that is not brownout's: users who ask steadily, recorded."""

from locust import FastHttpUser, constant, task

import brownout.locust  # noqa: F401


class Asker(FastHttpUser):
    """Asks two things in turn."""

    wait_time = constant(0.05)

    @task
    def fetch(self) -> None:
        self.client.get("/fetch")

    @task
    def other(self) -> None:
        self.client.get("/other?x=1", name="/other, thing|?x=%é")
