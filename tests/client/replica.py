"""A client replica under test, and its callers."""

import http.client
from collections import Counter
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from itertools import chain
from typing import Any, Self

import requests
from requests.adapters import HTTPAdapter

from tests.client.upstream import Upstream
from tests.servers import Server, until

TIMEOUT_S = 10.0
"""The deadline of every wait for an answer: far more than any policy here allows a request."""

CALLERS = 100


class Replica:
    """A client service in front of an upstream that tests control."""

    def __init__(self, server: Server, upstream: Upstream) -> None:
        self.server = server
        self.upstream = upstream
        self._session = requests.Session()
        self._session.mount("http://", HTTPAdapter(pool_maxsize=CALLERS))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._session.close()

    def send(self, method: str, path: str, **options: Any) -> requests.Response:
        """One request, with the keyword arguments of `requests.request`."""
        return self._session.request(method, self.server.url + path, timeout=TIMEOUT_S, **options)

    def get(self, path: str) -> Any:
        """The JSON that a GET answers; it must succeed."""
        response = self.send("GET", path)
        assert response.status_code == 200, response.text
        return response.json()

    def fetch(self) -> tuple[int, Any]:
        """Status and JSON of one `/fetch`."""
        response = self.send("GET", "/fetch")
        return response.status_code, response.json()

    def fetch_at_once(self, pool: ThreadPoolExecutor, count: int) -> "list[Future[tuple[int, Any]]]":
        """Many `/fetch`, as many at a time as the pool has threads."""
        return [pool.submit(self.fetch) for _ in range(count)]

    def fetch_often(self, callers: int, each: int) -> "Counter[int]":
        """The statuses of many `/fetch`, by callers at the same time with a connection each."""

        def call(_: int) -> list[int]:
            connection = http.client.HTTPConnection(self.server.host, self.server.port, timeout=TIMEOUT_S)
            with closing(connection):
                return [_status(connection) for _ in range(each)]

        with ThreadPoolExecutor(callers) as pool:
            return Counter(chain.from_iterable(pool.map(call, range(callers))))

    def put_policy(self, preset: str = "none", **fields: Any) -> Any:
        """Put a policy in force; it must be accepted."""
        response = self.send("PUT", "/policy", json={"preset": preset, **fields})
        assert response.status_code == 200, response.text
        return response.json()

    def counters(self) -> dict[str, Any]:
        """The counters since the replica started."""
        return dict(self.get("/status")["counters"])

    def state(self) -> str:
        """The breaker's state."""
        return str(self.get("/breaker")["state"])

    def await_state(self, state: str) -> None:
        """Return when the breaker is in this state."""
        until(lambda: self.state() == state, f"the breaker to be {state}")


def _status(connection: http.client.HTTPConnection) -> int:
    connection.request("GET", "/fetch")
    with connection.getresponse() as response:
        response.read()
        return response.status
