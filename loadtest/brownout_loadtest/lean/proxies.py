"""HTTP proxies: which one is in the way of a request, and how to get through it to a server with TLS."""

from __future__ import annotations

import base64
import urllib.request
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from geventhttpclient.response import HTTPParseError

from brownout_loadtest.lean.wire import PlainWire

LONGEST_ANSWER = 64 * 1024


@dataclass(frozen=True)
class Proxy:
    """An HTTP proxy, and what it wants to be told of who asks."""

    host: str
    port: int
    authorization: str | None = None

    @property
    def lines(self) -> str:
        """The header for the proxy itself; empty if it needs none."""
        return f"Proxy-Authorization: {self.authorization}\r\n" if self.authorization else ""


def basic_auth(user: str | bytes, password: str | bytes) -> str:
    """Write the value of an Authorization header for HTTP Basic (RFC 7617), as Locust encodes it."""
    both = [one.encode("latin1") if isinstance(one, str) else one for one in (user, password)]
    return "Basic " + base64.b64encode(b":".join(both)).decode("ascii")


def of_environment(scheme: str, host: str, port: int) -> Proxy | None:
    """Return the proxy for a server by HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY.

    Raises ValueError for one that is not the URL of an HTTP proxy.
    """
    proxies = urllib.request.getproxies_environment()
    url = proxies.get(scheme) or proxies.get("all")
    if not url or urllib.request.proxy_bypass(f"{host}:{port}", proxies):
        return None
    parts = urlsplit(url if "://" in url else f"http://{url}")
    if parts.scheme != "http" or not parts.hostname:
        raise ValueError(f'the proxy "{url}" is not one that we can use; allowed: http://HOST:PORT')
    login = None
    if parts.username is not None:
        login = basic_auth(unquote(parts.username), unquote(parts.password or ""))
    return Proxy(parts.hostname, parts.port or 80, login)


def connect_through(wire: PlainWire, proxy: Proxy, host: str, port: int) -> None:
    """Ask a proxy for a tunnel to a server. Raises OSError or HTTPParseError."""
    name = f"[{host}]" if ":" in host else host
    wire.send(f"CONNECT {name}:{port} HTTP/1.1\r\nHost: {name}:{port}\r\n{proxy.lines}\r\n".encode("latin-1"))
    answer = b""
    while b"\r\n\r\n" not in answer:
        data = wire.receive()
        if not data or len(answer) > LONGEST_ANSWER:
            raise HTTPParseError(f"the proxy {proxy.host}:{proxy.port} gave no whole answer to CONNECT")
        answer += data
    status = answer.split(b"\r\n", 1)[0].split(b" ")
    if len(status) < 2 or not status[1].startswith(b"2"):
        line = answer.split(b"\r\n", 1)[0].decode("latin-1")
        raise ConnectionError(f"the proxy {proxy.host}:{proxy.port} refused a tunnel: {line}")
