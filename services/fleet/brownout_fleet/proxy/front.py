"""What all connections through one proxy share: the faults, the way to the dependency, and the counts."""

from __future__ import annotations

import asyncio
import secrets
import ssl
import sys
import time
from collections.abc import Callable

from brownout_faults.state import FaultState
from brownout_fleet.proxy.config import Address, ProxyConfig, address_of
from brownout_fleet.proxy.connection import Conversation, DependencySide, ServiceSide
from brownout_fleet.proxy.http_requests import Requests
from brownout_fleet.proxy.turns import Turns

DIAL_TIMEOUT_S = 30.0
"""Time for a connection to the dependency; longer than a service should wait, so that it decides."""

HTTP_1 = ("http/1.1",)
HTTP_2 = ("h2",)


TRY_TIMEOUT_S = 3.0
"""The same where somebody waits to hear whether it is there."""


class Front:
    """One proxy's shared state."""

    def __init__(self, config: ProxyConfig) -> None:
        """Raises UpstreamError, or OSError for a file of authorities that can't be read."""
        self.config = config
        self.address: Address = address_of(config.upstream)
        self.state = FaultState(seed=config.seed, clock=time.monotonic, dependency=config.dependency)
        self.id = f"{config.dependency}-{secrets.token_hex(8)}"
        """Tells a request that comes back to this proxy."""
        self.id_bytes = self.id.encode()
        self.authority = self.address.authority.encode()
        self.connections: set[ServiceSide] = set()
        self.accepted = 0
        self.upstream_failed = 0
        """Connections that the dependency did not take, which were reset."""
        self.looped = 0
        """Requests that had been here before, which were reset."""
        self.upstream_error: str | None = None
        """Why the last connection to the dependency failed; None: it did not."""
        self._tls: dict[tuple[str, ...], ssl.SSLContext | None] = {
            protocols: self._context(protocols) for protocols in (HTTP_1, HTTP_2)
        }

    def _context(self, protocols: tuple[str, ...]) -> ssl.SSLContext | None:
        if self.address.scheme != "https":
            return None
        context = ssl.create_default_context(cafile=self.config.ca_file)
        if not self.config.verify:
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        context.set_alpn_protocols(list(protocols))
        return context

    def conversation(self, side: ServiceSide) -> Conversation:
        """What a new connection begins with."""
        self.accepted += 1
        return Requests(side) if self.address.is_http else Turns(side, dials_at_once=True)

    async def connect(
        self, made: Callable[[], DependencySide], protocols: tuple[str, ...]
    ) -> DependencySide | None:
        """Connect to the dependency; None, counted and told on standard error, if that can't be."""
        context, address = self._tls[protocols], self.address
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(DIAL_TIMEOUT_S):
                _, side = await loop.create_connection(
                    made,
                    address.host,
                    address.port,
                    ssl=context,
                    server_hostname=address.host if context else None,
                )
        except (OSError, TimeoutError) as error:
            self._failed(error)
            return None
        self.upstream_error = None
        return side

    async def try_upstream(self, protocols: tuple[str, ...]) -> str | None:
        """Connect to the dependency and close again. Returns why that failed; None: it did not."""
        address = self.address
        try:
            async with asyncio.timeout(TRY_TIMEOUT_S):
                _, writer = await asyncio.open_connection(
                    address.host, address.port, ssl=self._tls[protocols]
                )
        except (OSError, TimeoutError) as error:
            return str(error) or type(error).__name__
        writer.close()
        return None

    def _failed(self, error: Exception) -> None:
        self.upstream_failed += 1
        reason = str(error) or type(error).__name__
        if reason != self.upstream_error:
            self.upstream_error = reason
            self.tell(f'"{self.config.dependency}" can\'t be reached at {self.config.upstream}: {reason}')

    def is_loop(self, via: str) -> bool:
        """Whether a request that went through these proxies has been here before; counted, and told once."""
        if self.id not in (one.strip() for one in via.split(",")):
            return False
        self.looped += 1
        if self.looped == 1:
            self.tell(
                f'a request to "{self.config.dependency}" came back to its own proxy: {self.config.upstream} '
                "leads here. Write the dependency's own URL, not a proxy's. The connection was reset."
            )
        return True

    def tell(self, sentence: str) -> None:
        """Write a line to standard error, which is the proxy's log."""
        print(f"{time.strftime('%FT%TZ', time.gmtime())} {sentence}", file=sys.stderr, flush=True)
