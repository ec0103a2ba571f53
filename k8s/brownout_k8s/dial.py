"""A connection to the API server for one tunnel: plain or TLS, straight or through a proxy."""

from __future__ import annotations

import asyncio
import base64
import re
from typing import Any, cast
from urllib.parse import SplitResult

from brownout_fleet.model import TunnelError
from brownout_k8s.access import Access
from brownout_k8s.tunnel import Tunnel

TLS_GOODBYE_S = 1.0
"""How long the API server may take to end TLS; with the default of 30 s its descriptors would pile up."""

PROXY_ANSWER = re.compile(rb"\AHTTP/1\.\d (\d{3})[^\r]*\r\n")


async def dial(access: Access, tunnel: Tunnel) -> None:
    """Connect the tunnel; its handshake is under way then. Raises OSError or TunnelError."""
    loop = asyncio.get_running_loop()
    host, port = address(access.server)
    if access.proxy is None:
        await loop.create_connection(lambda: tunnel, host, port, **_tls(access, host))
        return
    if access.proxy.scheme != "http":
        raise TunnelError(f'the proxy "{access.proxy.geturl()}" is not one of http://')
    proxy = _Proxy(_connect_request(access.proxy, host, port))
    transport, _ = await loop.create_connection(lambda: proxy, *address(access.proxy))
    try:
        await proxy.answered
    except BaseException:
        transport.abort()
        raise
    if access.tls is None:
        transport.set_protocol(tunnel)
        tunnel.connection_made(transport)
        return
    options = _tls(access, host)
    context = options.pop("ssl")
    secured = await loop.start_tls(transport, tunnel, context, **options)
    tunnel.connection_made(cast(asyncio.Transport, secured))


def address(url: SplitResult) -> tuple[str, int]:
    """Host and port."""
    return url.hostname or "", url.port or (443 if url.scheme == "https" else 80)


def _tls(access: Access, host: str) -> dict[str, Any]:
    if access.tls is None:
        return {}
    return {
        "ssl": access.tls,
        "server_hostname": access.server_name or host,
        "ssl_shutdown_timeout": TLS_GOODBYE_S,
    }


def _connect_request(proxy: SplitResult, host: str, port: int) -> bytes:
    target = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    secret = ""
    if proxy.username:
        pair = f"{proxy.username}:{proxy.password or ''}".encode()
        secret = f"Proxy-Authorization: Basic {base64.b64encode(pair).decode()}\r\n"
    return f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n{secret}\r\n".encode()


class _Proxy(asyncio.Protocol):
    """Waits for the proxy's answer to CONNECT."""

    def __init__(self, request: bytes) -> None:
        self.answered: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._request = request
        self._head = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        cast(asyncio.Transport, transport).write(self._request)

    def data_received(self, data: bytes) -> None:
        self._head += data
        if b"\r\n\r\n" not in self._head or self.answered.done():
            return
        status = PROXY_ANSWER.match(self._head)
        if status and status[1] == b"200":
            self.answered.set_result(None)
        else:
            text = self._head.split(b"\r\n", 1)[0].decode(errors="replace")
            self.answered.set_exception(TunnelError(f"the proxy refuses: {text}"))

    def connection_lost(self, error: Exception | None) -> None:
        if not self.answered.done():
            self.answered.set_exception(TunnelError(f"the proxy closed the connection ({error})"))
