"""What starts a proxy, and what it answers: one JSON line each, on its standard input and output."""

from __future__ import annotations

from urllib.parse import SplitResult, urlsplit

import msgspec

SCHEMES = {"http": 80, "https": 443, "tcp": 0}
"""Schemes of a dependency's URL with their usual ports; 0: the port must be told."""

COMMAND = ("-P", "-m", "brownout_fleet.proxy")
"""What Python is called with; the standard input stays open as long as the proxy is to live."""


class ProxyConfig(msgspec.Struct, frozen=True):
    """Where a proxy stands, and in front of what."""

    dependency: str
    """Name of the dependency, by which faults may ask for it."""

    upstream: str
    """URL of the dependency: http://, https:// or tcp://HOST:PORT. Its path is the service's business."""

    host: str = "127.0.0.1"
    port: int = 0
    """Port for the service's requests; 0: any free one."""
    control_port: int = 0
    """Port of the control URLs, always on loopback; 0: any free one."""

    data_fd: int | None = None
    """Descriptor of a listening socket for the service's requests, in place of `host` and `port`."""
    control_fd: int | None = None
    """The same for the control URLs."""

    seed: int | None = None
    """Seed of fault sets that name none; None: chance."""
    verify: bool = True
    """Whether an https:// dependency's certificate must be right."""
    ca_file: str | None = None
    """PEM file with the authorities that may have signed it; None: those of the system."""


class ProxyUp(msgspec.Struct, frozen=True):
    """Where a proxy listens."""

    url: str
    """For the service: http://HOST:PORT, or tcp://HOST:PORT in front of a tcp:// dependency."""
    control: str
    """URL of /faults, /status, /healthz, /readyz and /metrics."""


class ProxyFailed(msgspec.Struct, frozen=True):
    """Why a proxy did not start; it exits with 1 after this line."""

    error: str


class UpstreamError(ValueError):
    """The URL is none of a dependency; the message says what is allowed."""


class Address(msgspec.Struct, frozen=True):
    """Where a dependency is."""

    scheme: str
    host: str
    port: int
    authority: str
    """What HTTP's Host says of it."""

    @property
    def is_http(self) -> bool:
        """Whether requests are read."""
        return self.scheme != "tcp"


def address_of(upstream: str) -> Address:
    """Return the address in a dependency's URL. Raises UpstreamError."""
    wrong = (
        f'"{upstream}" is not the URL of a dependency; allowed: http://HOST, https://HOST, tcp://HOST:PORT'
    )
    try:
        parts = urlsplit(upstream)
        port = parts.port or SCHEMES.get(parts.scheme, 0)
    except ValueError:
        raise UpstreamError(wrong) from None
    if parts.scheme not in SCHEMES or not parts.hostname or not port or _has_more(parts):
        raise UpstreamError(wrong)
    return Address(parts.scheme, parts.hostname, port, parts.netloc)


def _has_more(parts: SplitResult) -> bool:
    """Whether a URL has what no proxy would pass on."""
    path = parts.path if parts.scheme == "tcp" else ""
    return bool(parts.username or parts.query or parts.fragment or path.strip("/"))
