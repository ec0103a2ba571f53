"""A Locust user with a lean client."""

from __future__ import annotations

from typing import Any

from gevent import Greenlet
from gevent.pool import Group
from locust import FastHttpUser
from locust.env import Environment
from locust.exception import StopTest
from locust.user import User

from brownout_loadtest.lean.pools import ConnectionPools, ConnectionSettings, MakeContext
from brownout_loadtest.lean.proxies import Proxy
from brownout_loadtest.lean.session import LeanHttpSession


class LeanHttpUser(FastHttpUser):
    """A user like Locust's FastHttpUser whose client needs a fraction of the processor time.

    Each request is sent once: a connection that breaks is a failure, not a second request. The settings are
    FastHttpUser's, but for `max_retries`; time-outs are deadlines for the whole.
    """

    abstract = True

    network_timeout: float = 60.0
    """Seconds from the first byte of a request to the last byte of its answer."""
    connection_timeout: float = 60.0
    """Seconds for a connection, the name's look-up and the handshake of TLS included."""
    max_redirects: int = 30
    """Redirects that are followed within one request; 0 follows none."""
    insecure: bool = True
    """True: no certificate is checked."""
    default_headers: dict[str, str] | None = None
    """Headers of every request."""
    concurrency: int = 10
    """Requests that one user may have under way to a server, from greenlets of its own."""
    proxy_host: str | None = None
    """An HTTP proxy; None: the environment's (HTTP_PROXY, HTTPS_PROXY, ALL_PROXY, NO_PROXY)."""
    proxy_port: int | None = None
    client_pool: Any = None
    """ConnectionPools to share with other users, with settings of their own. None: each user has its own."""
    ssl_context_factory: MakeContext | None = None
    """Makes a user's context for TLS; None: all users share one."""

    def __init__(self, environment: Environment) -> None:
        User.__init__(self, environment)  # not FastHttpUser's, which makes another client
        if self.host is None:
            raise StopTest(
                "You must specify the base host. Either in the host attribute in the User class, or on the "
                "command line using the --host option."
            )
        pools = self.client_pool
        if pools is not None and not isinstance(pools, ConnectionPools):
            raise TypeError(
                f"client_pool is a {type(pools).__name__}; allowed: brownout.locust.ConnectionPools, or None"
            )
        self.client: Any = LeanHttpSession(
            self.host,
            self.environment.events.request,
            self,
            max_redirects=self.max_redirects,
            default_headers=self.default_headers,
            pools=pools or ConnectionPools(self._settings()),
        )
        """What sends requests; it keeps its connections and cookies from one to the next."""

    def start(self, group: Group) -> Greenlet[..., Any]:
        """Run the user; its connections are closed when it ends."""
        running: Any = super().start(group)
        if self.client_pool is None:
            running.rawlink(lambda _: self.client.close())
        started: Greenlet[..., Any] = running
        return started

    def _settings(self) -> ConnectionSettings:
        proxy = Proxy(self.proxy_host, self.proxy_port or 80) if self.proxy_host else None
        return ConnectionSettings(
            network_timeout_s=self.network_timeout,
            connection_timeout_s=self.connection_timeout,
            concurrency=self.concurrency,
            make_context=self.ssl_context_factory,
            insecure=self.insecure,
            proxy=proxy,
        )
