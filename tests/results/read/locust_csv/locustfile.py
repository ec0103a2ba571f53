"""Users for `test_real_run`: they stop before the run does, so that all files of the run count the same."""

from itertools import count

from locust import FastHttpUser, constant_pacing, task
from locust.exception import StopUser

EACH = 60
"""Tasks of a user: a quarter of a second apart, it stops after 15 s."""


class Asker(FastHttpUser):
    """Asks for three endpoints in turn; each tenth answer counts as a failure, each 20th task raises."""

    wait_time = constant_pacing(0.25)

    def on_start(self) -> None:
        self.turns = count(1)

    @task
    def ask(self) -> None:
        turn = next(self.turns)
        if turn > EACH:
            raise StopUser
        with self.client.get(f"/{turn % 3}", name=f"/{turn % 3}, {{}}", catch_response=True) as answer:
            if turn % 10 == 0:
                answer.failure("the tenth, always")
        if turn % 20 == 0:
            raise ValueError("a task's own,\nof two lines")
