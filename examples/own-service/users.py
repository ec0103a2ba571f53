"""Users of the shop: any Locust users do. The import adds open-loop load, the recorder and the panel."""

from locust import between, task

import brownout.locust


class Visitor(brownout.locust.OneTryUser):
    """Looks at the apples."""

    wait_time = between(0.05, 0.15)

    @task
    def look(self) -> None:
        """One page; any status of 400 and more counts as an error."""
        self.client.get("/apples")
