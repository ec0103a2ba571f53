"""Connections that are kept: for each server a few, shared by the greenlets of a user, or of many users."""

from __future__ import annotations

import functools
import socket
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import gevent.socket
import gevent.ssl
from gevent.lock import Semaphore

from brownout_loadtest.lean.deadline import Deadline
from brownout_loadtest.lean.exchange import KeptConnection
from brownout_loadtest.lean.proxies import Proxy, connect_through
from brownout_loadtest.lean.wire import PlainWire, TlsWire, Wire

MakeContext = Callable[[], ssl.SSLContext]


@dataclass(frozen=True)
class ConnectionSettings:
    """How connections are made; times in seconds."""

    network_timeout_s: float = 60.0
    """From the first byte of a request to the last one of its answer."""
    connection_timeout_s: float = 60.0
    """For the name, the connection and the handshake of TLS together."""
    concurrency: int = 10
    """Connections to one server at a time; further requests wait for one."""
    make_context: MakeContext | None = None
    """Makes the context for TLS; None: one that checks no certificate, or one that does, by `insecure`."""
    insecure: bool = True
    proxy: Proxy | None = None
    """A proxy for all requests; None: what the environment names."""
    trust_environment: bool = True
    """Whether HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY count."""


class Origin(NamedTuple):
    """A server: `host` is the path of the socket where `scheme` is http+unix."""

    scheme: str
    host: str
    port: int

    @property
    def has_tls(self) -> bool:
        """Whether it is reached by TLS."""
        return self.scheme == "https"


@functools.cache
def shared_context(insecure: bool) -> ssl.SSLContext:
    """One context for all users: 5,000 copies of the authorities' certificates would fill the memory.

    An insecure one believes every certificate, as Locust's users do unless told otherwise.
    """
    context: ssl.SSLContext = gevent.ssl.create_default_context()
    if insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


class OriginPool:
    """The connections to one server; `context` returns the context for TLS."""

    def __init__(
        self, origin: Origin, settings: ConnectionSettings, proxy: Proxy | None, context: MakeContext
    ) -> None:
        self.origin = origin
        self._context = context
        self.proxy = proxy
        self._settings = settings
        self._idle: list[KeptConnection] = []
        self._slots = Semaphore(settings.concurrency)
        self._tls_session: ssl.SSLSession | None = None

    def take(self, connection_timeout_s: float | None = None) -> KeptConnection:
        """A connection for one request, to be given back; waits while all are in use. Raises OSError."""
        self._slots.acquire()
        try:
            while self._idle:
                exchange = self._idle.pop()
                if exchange.can_be_used():
                    return exchange
                exchange.close()
            seconds = (
                self._settings.connection_timeout_s if connection_timeout_s is None else connection_timeout_s
            )
            with Deadline(seconds, "no connection"):
                wire = self._connect()
            return KeptConnection(wire, self._settings.network_timeout_s)
        except BaseException:
            self._slots.release()
            raise

    def give(self, exchange: KeptConnection) -> None:
        """Take a connection back, to be used again if its last answer allows that."""
        if self.origin.has_tls:  # a server tells it with its first answer
            self._tls_session = exchange.tls_session or self._tls_session
        if exchange.complete and exchange.keeps_alive:
            self._idle.append(exchange)
        else:
            exchange.close()
        self._slots.release()

    def close(self) -> None:
        """Close the idle connections; those in use close when they come back."""
        while self._idle:
            self._idle.pop().close()

    def _connect(self) -> Wire:
        origin = self.origin
        if origin.scheme == "http+unix":
            return PlainWire(socket.AF_UNIX, origin.host)
        plain = dial(self.proxy.host, self.proxy.port) if self.proxy else dial(origin.host, origin.port)
        if not origin.has_tls:
            return plain
        try:
            if self.proxy:
                connect_through(plain, self.proxy, origin.host, origin.port)
            return TlsWire(plain, self._context(), origin.host, self._tls_session)
        except BaseException:
            plain.close()
            raise


class ConnectionPools:
    """The pools of a session. Users that have the same one as `client_pool` share their connections."""

    def __init__(self, settings: ConnectionSettings | None = None) -> None:
        self.settings = settings or ConnectionSettings()
        self._pools: dict[Origin, OriginPool] = {}
        self._own_context: ssl.SSLContext | None = None

    def of(self, origin: Origin, proxy: Proxy | None) -> OriginPool:
        """Return the pool of a server, which is reached through `proxy` if that is set."""
        pool = self._pools.get(origin)
        if pool is None:
            pool = self._pools[origin] = OriginPool(origin, self.settings, proxy, self._context)
        return pool

    def _context(self) -> ssl.SSLContext:
        if self._own_context is None and self.settings.make_context:
            self._own_context = self.settings.make_context()
        return self._own_context or shared_context(self.settings.insecure)

    def close(self) -> None:
        """Close all idle connections."""
        for pool in self._pools.values():
            pool.close()


def dial(host: str, port: int) -> PlainWire:
    """Connect to the first of the host's addresses that takes the connection. Raises OSError."""
    failure: OSError | None = None
    for family, address in addresses(host, port):
        try:
            return PlainWire(family, address)
        except ConnectionError as error:
            failure = failure or error
        except OSError as error:
            if isinstance(error, TimeoutError):
                raise
            failure = failure or error
    raise failure or OSError(f'"{host}" has no address')


def addresses(host: str, port: int) -> Iterator[tuple[int, Any]]:
    """Look a host up; an address needs no looking up, which would take a thread's turn."""
    for family in (socket.AF_INET, socket.AF_INET6):
        try:
            socket.inet_pton(family, host)
        except OSError:
            continue
        yield family, (host, port)
        return
    for family, _, _, _, address in gevent.socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        yield family, address
