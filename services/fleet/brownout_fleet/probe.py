"""Asks a replica whether it takes traffic, as a kubelet would."""

from __future__ import annotations

import asyncio
import contextlib

PATH = "/readyz"


async def is_ready(host: str, port: int, timeout_s: float) -> bool:
    """True if `GET /readyz` answers 200 within `timeout_s` seconds; every failure is a no."""
    try:
        async with asyncio.timeout(timeout_s):
            reader, writer = await asyncio.open_connection(host, port)
            try:
                writer.write(f"GET {PATH} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
                status = await reader.readline()
            finally:
                writer.close()
                with contextlib.suppress(OSError):  # else a reset would be logged as an exception nobody saw
                    await writer.wait_closed()
    except (OSError, TimeoutError):
        return False
    return status.split(b" ")[1:2] == [b"200"]
