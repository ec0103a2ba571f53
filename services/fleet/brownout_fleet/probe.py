"""Asks a replica whether it takes traffic, as a kubelet would."""

from __future__ import annotations

import asyncio
import contextlib

PATH = "/readyz"
HOST = "127.0.0.1"


async def problem_of(port: int, timeout_s: float, path: str | None = PATH, host: str = HOST) -> str | None:
    """Ask for `path`; None if the answer is 2xx or 3xx within `timeout_s` seconds, else what came instead.

    Without a path it is enough that the port accepts a connection.
    """
    where = f"{host}:{port}"
    try:
        async with asyncio.timeout(timeout_s):
            reader, writer = await asyncio.open_connection(host, port)
            try:
                if path is None:
                    return None
                writer.write(f"GET {path} HTTP/1.1\r\nHost: {where}\r\nConnection: close\r\n\r\n".encode())
                status = await reader.readline()
            finally:
                writer.close()
                with contextlib.suppress(OSError):  # else a reset would be logged as an exception nobody saw
                    await writer.wait_closed()
    except TimeoutError:
        return f"port {port} has not answered GET {path} within {timeout_s:g} s"
    except ConnectionRefusedError:
        return f"nothing listens on port {port}"
    except OSError as error:
        return f"port {port} can't be reached: {error.strerror or error}"
    code = b"".join(status.split(b" ")[1:2])
    if code[:1] in (b"2", b"3"):
        return None
    answer = code.decode("ascii", "replace") or "no HTTP"
    return f"GET {path} on port {port} answers {answer}"
