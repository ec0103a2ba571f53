"""A locustfile that fires each odd request some times, and lets a listener end the task behind them."""

from __future__ import annotations

from typing import Any

from locust import User, constant, events, task
from locust.exception import RescheduleTask

import brownout.locust  # noqa: F401 - the line that a stranger adds
from tests.loadtest.odd import ODD, ROUNDS

hooks: Any = events


def end_the_task(name: Any, **_: Any) -> None:
    """Raise what Locust lets a listener raise: nobody behind it hears of the request."""
    if name == "ends the task":
        raise RescheduleTask


hooks.init.add_listener(lambda environment, **_: environment.events.request.add_listener(end_the_task))


class Odd(User):
    wait_time = constant(0.2)
    rounds = 0

    @task
    def fire(self) -> None:
        if self.rounds == ROUNDS:
            return
        self.rounds += 1
        usual = {"request_type": "odd", "name": "usual", "response_time": 3.0, "response_length": 0}
        for one in ODD:
            self.environment.events.request.fire(**{"exception": None, "context": {}, **usual, **one})
        self.environment.events.request.fire(**usual | {"name": "ends the task"})
