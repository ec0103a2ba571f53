"""A user of either kind with its environment, and what Locust was told."""

from __future__ import annotations

from typing import Any

from locust import FastHttpUser
from locust.env import Environment

from brownout_loadtest.lean import LeanHttpUser

KINDS: dict[str, type[Any]] = {"lean": LeanHttpUser, "fast": FastHttpUser}


class Load:
    """An environment with a user of a kind, and what Locust was told of its requests."""

    def __init__(self, kind: type[Any], url: str, **settings: Any) -> None:
        self.environment = Environment()
        self.kind = type("Visitor", (kind,), {"host": url, **settings})
        self.events: list[dict[str, Any]] = []
        self.environment.events.request.add_listener(lambda **event: self.events.append(event))
        self.stats = self.environment.stats
        self.environment.create_local_runner()
        self.user = self.kind(self.environment)
        self.client = self.user.client

    def close(self) -> None:
        """Close the connections, where that can be asked for."""
        if isinstance(self.user, LeanHttpUser):
            self.client.close()

    @property
    def failed(self) -> list[Any]:
        return [event["exception"] for event in self.events if event["exception"]]


class Loads:
    """Makes loads, and closes them with the test."""

    def __init__(self, kind: type[Any], url: str) -> None:
        self._kind, self._url = kind, url
        self._made: list[Load] = []

    def __call__(self, url: str | None = None, **settings: Any) -> Load:
        self._made.append(Load(self._kind, url or self._url, **settings))
        return self._made[-1]

    def close(self) -> None:
        for load in self._made:
            load.close()
