"""A locustfile that isn't ours: several users, hosts and names, nested task sets, and one line for us."""

from typing import Any

from locust import FastHttpUser, HttpUser, SequentialTaskSet, TaskSet, between, events, task

import brownout.locust  # noqa: F401 - the line


def add_arguments(parser: Any) -> None:
    parser.add_argument("--second-host", default="")


hooks: Any = events
hooks.init_command_line_parser.add_listener(add_arguments)


def leave(tasks: Any) -> None:
    """Go back to the user's other tasks; Locust annotates nothing of it."""
    tasks.interrupt()


class Browsing(SequentialTaskSet):
    @task
    def look(self) -> None:
        self.client.get("/look")

    @task
    def leave(self) -> None:
        self.client.get("/leave")
        leave(self)


class Buying(TaskSet):
    @task
    def pay(self) -> None:
        with self.client.get("/pay?amount=3", name="/pay", catch_response=True) as response:
            response.failure("too dear")
        leave(self)


class Visitor(HttpUser):
    tasks = [Browsing, Buying]  # noqa: RUF012 - Locust's way
    wait_time = between(0.01, 0.05)

    def on_start(self) -> None:
        self.client.get("/login")


class Machine(FastHttpUser):
    wait_time = between(0.01, 0.05)

    @task
    def poll(self) -> None:
        host = self.environment.parsed_options.second_host
        self.client.get(f"{host}/poll")
