"""Plain Locust at 200 requests a second, as its documentation advises: ten users, paced, in closed loop."""

from locust import FastHttpUser, constant_throughput, task


class Paced(FastHttpUser):
    wait_time = constant_throughput(20)

    @task
    def ask(self) -> None:
        self.client.get("/fetch")
