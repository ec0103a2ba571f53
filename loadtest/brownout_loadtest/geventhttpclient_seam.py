"""Every use of geventhttpclient's private names stands here, and of what Locust's FastHttpUser makes of it.

`check` holds them to the installed version when the process starts.
"""

from __future__ import annotations

import inspect
from importlib.metadata import version
from typing import Any

from geventhttpclient.client import HTTPClient, HTTPClientPool
from geventhttpclient.connectionpool import ConnectionPool
from geventhttpclient.url import URL
from geventhttpclient.useragent import CompatResponse, UserAgent

from brownout_loadtest.locust_seam import sets

WORKING = "2.6.1"
"""The version that our tests pass with."""


def check() -> None:
    """Raise ImportError, naming the versions, if this geventhttpclient has not what is used of it."""
    needed = {
        "HTTPClient._connection_pool": sets(HTTPClient, "_connection_pool"),
        "ConnectionPool.size": sets(ConnectionPool, "size"),
        "CompatResponse._cached_content": "_cached_content" in CompatResponse.__slots__,
        "UserAgent.clientpool": sets(UserAgent, "clientpool"),
        "HTTPClientPool.client_args": sets(HTTPClientPool, "client_args"),
        "HTTPClientPool.get_client": "url" in inspect.signature(HTTPClientPool.get_client).parameters,
    }
    missing = [name for name, is_there in needed.items() if not is_there]
    if missing:
        raise ImportError(
            f"brownout does not work with geventhttpclient {version('geventhttpclient')}, which has no "
            f"{' and no '.join(missing)}; {WORKING} works: pip install geventhttpclient=={WORKING}"
        )


class OneTryPool(HTTPClientPool):
    """Clients that don't repeat a request behind its sender's back.

    geventhttpclient sends a GET up to 12 times while the connection is closed before the first byte of an
    answer: once for each of the 10 connections that its pool may hold, and two more. Under a fault that
    resets connections, such a load shows no failure and multiplies the traffic. The repetition isn't needed
    for connections that the server gave up while idle: the pool looks at one before it reuses it.
    """

    def get_client(self, url: str | URL) -> HTTPClient:
        """Return the client for a host, with no attempts left after the first."""
        client = super().get_client(url)
        client._connection_pool.size = -1
        return client


def is_unread(response: object) -> bool:
    """Whether the body of an answer has not been read yet, as one that is streamed."""
    return isinstance(response, CompatResponse) and not hasattr(response, "_cached_content")


def send_once(session: Any) -> None:
    """Let a FastHttpSession send each request once."""
    agent = session.client
    agent.clientpool = OneTryPool(**agent.clientpool.client_args)
