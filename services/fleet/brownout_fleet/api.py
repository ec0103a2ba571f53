"""The fleet process's HTTP API on loopback: replicas, watch, kill, forwards; all behind the token."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any

import msgspec
from aiohttp import web

from brownout_fleet.forwarder import Forwarder
from brownout_fleet.model import Fleet, FleetError, NotRunningError, ReplicaEvent, UnknownReplicaError

HEARTBEAT_S = 5.0
"""A watcher gets an empty line this often, so that both ends notice a broken connection."""

_STATUS = {UnknownReplicaError: HTTPStatus.NOT_FOUND, NotRunningError: HTTPStatus.CONFLICT}

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def problem(status: HTTPStatus, detail: str) -> web.Response:
    """An RFC 9457 problem document."""
    document = {"type": "about:blank", "title": status.phrase, "status": status.value, "detail": detail}
    return web.json_response(document, status=status, content_type="application/problem+json")


def _json(value: Any) -> web.Response:
    return web.Response(body=msgspec.json.encode(value), content_type="application/json")


def _guard(token: str) -> Any:
    """Middleware: the bearer token first, then errors as problem documents."""

    @web.middleware
    async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
        sent = request.headers.get("Authorization", "")
        if not hmac.compare_digest(sent.encode(), f"Bearer {token}".encode()):
            return problem(HTTPStatus.UNAUTHORIZED, "send the run's token: Authorization: Bearer TOKEN")
        try:
            return await handler(request)
        except FleetError as error:
            return problem(_STATUS.get(type(error), HTTPStatus.INTERNAL_SERVER_ERROR), str(error))
        except web.HTTPException as error:
            return problem(HTTPStatus(error.status), f"{request.method} {request.path}: {error.reason}")

    return guard


class FleetAPI:
    """The routes over one fleet and its forwarders."""

    def __init__(self, fleet: Fleet, forwarders: list[Forwarder], token: str) -> None:
        self._fleet = fleet
        self._forwarders = forwarders
        self.app = web.Application(middlewares=[_guard(token)])
        self.app.router.add_get("/replicas", self._replicas)
        self.app.router.add_post("/replicas/{name}/kill", self._kill)
        self.app.router.add_get("/watch", self._watch)
        self.app.router.add_get("/forwards", self._forwards)

    async def _replicas(self, request: web.Request) -> web.Response:
        return _json(self._fleet.replicas(request.query.get("service")))

    async def _kill(self, request: web.Request) -> web.Response:
        return _json(await self._fleet.kill(request.match_info["name"]))

    async def _forwards(self, _request: web.Request) -> web.Response:
        return _json([forwarder.status() for forwarder in self._forwarders])

    async def _watch(self, request: web.Request) -> web.StreamResponse:
        """One JSON document a line for each event after `since`, then as they come."""
        since = request.query.get("since", "0")
        if not since.isdecimal():
            return problem(
                HTTPStatus.BAD_REQUEST, f'since is "{since}"; it takes the number of an event, 0 or more'
            )
        response = web.StreamResponse(headers={"Content-Type": "application/x-ndjson"})
        await response.prepare(request)
        events: asyncio.Queue[ReplicaEvent] = asyncio.Queue()
        async with asyncio.TaskGroup() as group:
            reader = group.create_task(self._collect(int(since), events))
            try:
                while True:
                    await response.write(await _next_line(events))
            except (ConnectionError, asyncio.CancelledError):
                reader.cancel()
        return response

    async def _collect(self, since: int, events: asyncio.Queue[ReplicaEvent]) -> None:
        async for event in self._fleet.watch(since):
            events.put_nowait(event)


async def _next_line(events: asyncio.Queue[ReplicaEvent]) -> bytes:
    try:
        async with asyncio.timeout(HEARTBEAT_S):
            return msgspec.json.encode(await events.get()) + b"\n"
    except TimeoutError:
        return b"\n"
