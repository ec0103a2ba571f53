"""The server's side of a connection under ASGI, which has no message that closes one."""

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable
from typing import Any

SERVERS = "uvicorn"
"""Servers under which the faults that close connections work."""


def transport_of(receive: Callable[[], Awaitable[Any]]) -> asyncio.Transport | None:
    """The connection's transport, which uvicorn's request has; None if the server gives no access to it."""
    transport = getattr(getattr(receive, "__self__", None), "transport", None)
    return transport if hasattr(transport, "abort") and hasattr(transport, "get_extra_info") else None


async def close(receive: Callable[[], Awaitable[Any]], *, abruptly: bool = False) -> None:
    """Close the connection; `abruptly`: reset it (RST). Otherwise what was sent before still arrives.

    Returns when the server has noticed, so that it does not take the missing answer for the application's
    failure. Raises LookupError if the server gives no access (see `transport_of`).
    """
    transport = transport_of(receive)
    if transport is None:
        raise LookupError(f"no access to the connection; it is there under {SERVERS}")
    if abruptly:
        reset(transport)
    else:
        transport.close()
    while (await receive())["type"] != "http.disconnect":
        pass


def reset(transport: asyncio.Transport) -> None:
    """Close a connection at once, with a reset: without SO_LINGER the kernel would say goodbye with FIN."""
    sock = transport.get_extra_info("socket")
    if sock is not None:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
