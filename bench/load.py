"""A closed-loop HTTP load that costs little: keep-alive callers on uvloop, each one request at a time."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from typing import cast
from urllib.parse import urlsplit

import psutil
import uvloop

LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)\r\n", re.IGNORECASE)
RECONNECT_S = 0.05
"""A caller whose connection failed tries again after this, like a client that backs off a little."""


@dataclass
class Tally:
    """What the callers saw: answers by status, failed requests by their moment on the monotonic clock."""

    seconds: float = 0.0
    statuses: Counter[int] = field(default_factory=Counter)
    failures: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Answers per second."""
        return self.statuses.total() / self.seconds


class Caller(asyncio.Protocol):
    """One connection: the next request follows each answer."""

    def __init__(self, request: bytes, tally: Tally, lost: Callable[[], None]) -> None:
        self._request = request
        self._tally = tally
        self._lost = lost
        self._buffer = b""
        self._whole = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        buffer = self._buffer + data if self._buffer else data
        if not self._whole:
            end = buffer.find(b"\r\n\r\n")
            length = LENGTH.search(buffer, 0, end + 2)
            if length is None:
                self._buffer = buffer
                return
            self._whole = end + 4 + int(length[1])
        if len(buffer) < self._whole:
            self._buffer = buffer
            return
        self._tally.statuses[int(buffer[9:12])] += 1
        self._buffer, self._whole = b"", 0
        self.transport.write(self._request)

    def connection_lost(self, _error: Exception | None) -> None:
        self._lost()


def _same(caller: Caller) -> Caller:
    return caller


async def _keep_calling(host: str, port: int, request: bytes, tally: Tally) -> None:
    loop = asyncio.get_running_loop()
    caller: Caller | None = None
    try:
        while True:
            ended = asyncio.Event()
            fresh = Caller(request, tally, ended.set)
            with contextlib.suppress(OSError):
                await loop.create_connection(partial(_same, fresh), host, port)
                caller = fresh
                await ended.wait()
            tally.failures.append(time.monotonic())
            await asyncio.sleep(RECONNECT_S)
    finally:
        if caller:
            caller.transport.abort()


def call(
    url: str,
    callers: int,
    seconds: float,
    meanwhile: Callable[[Tally], Awaitable[None]] | None = None,
    warm_up_s: float = 0.0,
) -> Tally:
    """Keep `callers` requests in flight for `seconds`; `meanwhile` runs beside and is waited for.

    What is answered in the first `warm_up_s` is not counted: connections are made then, and the callers start
    in step.
    """
    parts = urlsplit(url)
    assert parts.hostname
    assert parts.port
    request = f"GET {parts.path or '/'} HTTP/1.1\r\nHost: {parts.netloc}\r\n\r\n".encode()
    host, port, tally = parts.hostname, parts.port, Tally()

    async def run() -> None:
        tasks = [asyncio.create_task(_keep_calling(host, port, request, tally)) for _ in range(callers)]
        await asyncio.sleep(warm_up_s)
        tally.statuses.clear()
        started = time.monotonic()
        if meanwhile:
            await meanwhile(tally)
        await asyncio.sleep(max(0.0, started + seconds - time.monotonic()))
        tally.seconds = time.monotonic() - started
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    uvloop.run(run())
    return tally


def pin(pid: int, core: int) -> None:
    """Keep a process and its children on one core, where the system can."""
    if not hasattr(os, "sched_setaffinity") or os.cpu_count() == 1:
        return
    process = psutil.Process(pid)
    for member in (process, *process.children(recursive=True)):
        member.cpu_affinity([core % (os.cpu_count() or 1)])


def cpu_seconds(pid: int) -> float:
    """Processor time that a process and its children have used, in seconds."""
    process = psutil.Process(pid)
    times = [member.cpu_times() for member in (process, *process.children(recursive=True))]
    return sum(t.user + t.system for t in times)
