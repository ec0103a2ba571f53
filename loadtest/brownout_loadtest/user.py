"""A FastHttpUser that sends each request once."""

from __future__ import annotations

from locust import FastHttpUser
from locust.env import Environment

from brownout_loadtest.geventhttpclient_seam import send_once


class OneTryUser(FastHttpUser):
    """Base class for users whose failures must show: connection resets above all."""

    abstract = True

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        send_once(self.client)
