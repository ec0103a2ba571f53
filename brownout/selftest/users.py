"""Users of a selftest: one request in ten asks for what is not there, so that there are failures to lose."""

from __future__ import annotations

import itertools
from typing import Any

from locust import FastHttpUser, constant, task

import brownout.locust  # noqa: F401 - records the run

FAILURE_EVERY = 10
WAIT_S = 0.2


class Known(FastHttpUser):
    """Its share of failures is known, and so is their cause."""

    wait_time = constant(WAIT_S)

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._numbers = itertools.count()

    @task
    def ask(self) -> None:
        """Ask for an answer, or for what is not there."""
        missing = next(self._numbers) % FAILURE_EVERY == FAILURE_EVERY - 1
        self.client.get("/not-there" if missing else "/fetch")
