"""Users who ask as fast as they can, recorded."""

from __future__ import annotations

from locust import FastHttpUser, task

import brownout.locust  # noqa: F401


class Asker(FastHttpUser):
    """Asks again as soon as it has its answer."""

    @task
    def ask(self) -> None:
        """The whole of it."""
        self.client.get("/")
