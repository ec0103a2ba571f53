"""What the locustfiles of the benchmarks share: users who ask as fast as they can, and how many have."""

from __future__ import annotations

import time
from typing import Any

from locust import FastHttpUser, task


class Asker(FastHttpUser):
    """Asks again as soon as it has its answer."""

    @task
    def ask(self) -> None:
        """The whole of it."""
        self.client.get("/")


def now(environment: Any) -> dict[str, float]:
    """Requests so far, and when that is by the clock and by the processor time that was used."""
    return {
        "requests": environment.stats.total.num_requests,
        "seconds": time.monotonic(),
        "cpu_s": time.process_time(),
    }
