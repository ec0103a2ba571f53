"""The fleet process's HTTP API on loopback: replicas, watch, kill, forwards; all behind the token."""

from __future__ import annotations

import asyncio
import hmac
import re
from collections.abc import AsyncGenerator, Awaitable, Callable
from http import HTTPStatus
from typing import Any

import msgspec

from brownout_fleet.forwarder import Forwarder
from brownout_fleet.health import Watchdog
from brownout_fleet.http import Request, Response
from brownout_fleet.model import Fleet, FleetError, NotRunningError, ReplicaEvent, UnknownReplicaError

HEARTBEAT_S = 5.0
"""A watcher gets an empty line this often, so that both ends notice a broken connection."""

_STATUS = {UnknownReplicaError: HTTPStatus.NOT_FOUND, NotRunningError: HTTPStatus.CONFLICT}

Handler = Callable[..., Awaitable[Response]]


def problem(status: HTTPStatus, detail: str) -> Response:
    """An RFC 9457 problem document."""
    document = {"type": "about:blank", "title": status.phrase, "status": status.value, "detail": detail}
    return Response(msgspec.json.encode(document), status, "application/problem+json")


def _json(value: Any) -> Response:
    return Response(msgspec.json.encode(value))


class FleetAPI:
    """The routes over one fleet and its forwarders."""

    def __init__(
        self, fleet: Fleet, forwarders: list[Forwarder], token: str, watchdog: Watchdog | None = None
    ) -> None:
        self._fleet = fleet
        self._watchdog = watchdog or Watchdog()
        self._forwarders = forwarders
        self._token = token
        self._routes: list[tuple[str, str, Handler]] = [
            ("GET", "/replicas", self._replicas),
            ("POST", "/replicas/(?P<name>[^/]+)/kill", self._kill),
            ("GET", "/watch", self._watch),
            ("GET", "/forwards", self._forwards),
            ("GET", "/health", self._health),
        ]

    async def answer(self, request: Request) -> Response:
        """Check the token first; errors become problem documents."""
        sent = request.headers.get("authorization", "")
        if not hmac.compare_digest(sent.encode(), f"Bearer {self._token}".encode()):
            return problem(HTTPStatus.UNAUTHORIZED, "send the run's token: Authorization: Bearer TOKEN")
        status = HTTPStatus.NOT_FOUND
        for method, path, handler in self._routes:
            if match := re.fullmatch(path, request.path):
                if method == request.method:
                    return await self._handle(handler, request, match.groupdict())
                status = HTTPStatus.METHOD_NOT_ALLOWED
        return problem(status, f"{request.method} {request.path}: {status.phrase}")

    async def _handle(self, handler: Handler, request: Request, names: dict[str, str]) -> Response:
        try:
            return await handler(request, **names)
        except FleetError as error:
            return problem(_STATUS.get(type(error), HTTPStatus.INTERNAL_SERVER_ERROR), str(error))

    async def _replicas(self, request: Request) -> Response:
        return _json(self._fleet.replicas(request.query.get("service")))

    async def _kill(self, _request: Request, name: str) -> Response:
        return _json(await self._fleet.kill(name))

    async def _forwards(self, _request: Request) -> Response:
        return _json([forwarder.status() for forwarder in self._forwarders])

    async def _health(self, request: Request) -> Response:
        since = request.query.get("since", "0")
        try:
            moment = float(since)
        except ValueError:
            return problem(HTTPStatus.BAD_REQUEST, f'since is "{since}"; it takes a moment, in seconds')
        oldest_s = max((one.oldest_wait_s() for one in self._forwarders), default=0.0)
        return _json(self._watchdog.health(moment, oldest_s))

    async def _watch(self, request: Request) -> Response:
        """One JSON document a line for each event after `since`, then as they come."""
        since = request.query.get("since", "0")
        if not since.isdecimal():
            return problem(
                HTTPStatus.BAD_REQUEST, f'since is "{since}"; it takes the number of an event, 0 or more'
            )
        return Response(self._lines(int(since)), content_type="application/x-ndjson")

    async def _lines(self, since: int) -> AsyncGenerator[bytes]:
        events: asyncio.Queue[ReplicaEvent] = asyncio.Queue()
        reader = asyncio.create_task(self._collect(since, events))
        try:
            while not reader.done():
                yield await _next_line(events)
        finally:
            reader.cancel()

    async def _collect(self, since: int, events: asyncio.Queue[ReplicaEvent]) -> None:
        async for event in self._fleet.watch(since):
            events.put_nowait(event)


async def _next_line(events: asyncio.Queue[ReplicaEvent]) -> bytes:
    try:
        async with asyncio.timeout(HEARTBEAT_S):
            return msgspec.json.encode(await events.get()) + b"\n"
    except TimeoutError:
        return b"\n"
