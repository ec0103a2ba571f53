"""A FastHttpUser that sends each request once."""

from __future__ import annotations

from typing import Any

from geventhttpclient.client import HTTPClient, HTTPClientPool
from geventhttpclient.url import URL
from locust import FastHttpUser
from locust.env import Environment


class OneTryPool(HTTPClientPool):
    """Clients that don't repeat a request behind its sender's back.

    geventhttpclient sends a GET up to 12 times while the connection is closed before the first byte of an
    answer: once for each of the 10 connections that its pool may hold, and two more. Under a fault that
    resets connections, such a load shows no failure and multiplies the traffic. The repetition isn't needed
    for connections that the server gave up while idle: the pool looks at one before it reuses it.
    """

    def get_client(self, url: str | URL) -> HTTPClient:
        """The client for a host, with no attempts left after the first."""
        client = super().get_client(url)
        client._connection_pool.size = -1
        return client


class OneTryUser(FastHttpUser):
    """Base class for users whose failures must show: connection resets above all."""

    abstract = True

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        agent: Any = self.client.client
        agent.clientpool = OneTryPool(**agent.clientpool.client_args)
