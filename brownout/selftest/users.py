"""Users of a selftest: one request in ten asks for what is not there, so that there are failures to lose."""

from __future__ import annotations

import itertools
import os
import time
from typing import Any

from locust import FastHttpUser, constant, events, task
from locust.runners import WorkerRunner

import brownout.locust  # noqa: F401 - records the run

FAILURE_EVERY = int(os.environ.get("BROWNOUT_SELFTEST_FAILURE_EVERY", "10"))
WAIT_S = 0.2
LOSE = "BROWNOUT_SELFTEST_LOSE"
"""Variable with two numbers of seconds: from when on, since its start, and for how long a worker's reports
are lost on their way."""

hooks: Any = events


def lose_reports(runner: Any, **_: object) -> None:
    """Drop what a worker reports for a while, as a network may; its other messages arrive."""
    if not (isinstance(runner, WorkerRunner) and LOSE in os.environ):
        return
    client: Any = runner.client
    send, began = client.send, time.monotonic()
    after_s, for_s = map(float, os.environ[LOSE].split(","))

    def send_or_lose(message: Any) -> None:
        if message.type != "stats" or not 0 <= time.monotonic() - began - after_s < for_s:
            send(message)

    client.send = send_or_lose


hooks.init.add_listener(lose_reports)


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
