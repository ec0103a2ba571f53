"""An HTTP/1.1 server for a small API: it reads short bodies, and answers whole or in a stream.

h11 does the protocol. aiohttp would bring seven more distributions, and only the Compose and the Kubernetes
fleet need its client.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass, replace
from http import HTTPStatus
from urllib.parse import parse_qsl, unquote, urlsplit

import h11

_READ_BYTES = 65_536

MAX_BODY = 65_536
"""Bytes of a request's body that are kept, and one that shows that there are more."""


@dataclass(frozen=True)
class Request:
    """What a client asked for; `headers` have lower-case names."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes = b""
    """Never more than MAX_BODY and a byte of it."""


@dataclass(frozen=True)
class Response:
    """An answer: its whole body, or the pieces of one that has no known end."""

    body: bytes | AsyncGenerator[bytes]
    status: HTTPStatus = HTTPStatus.OK
    content_type: str = "application/json"


Answer = Callable[[Request], Awaitable[Response]]


class Server:
    """Answers every connection to a listening socket until it is closed."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()

    async def start(self, listener: socket.socket) -> None:
        self._server = await asyncio.start_server(self._accept, sock=listener)

    async def close(self) -> None:
        """Stop listening and end every connection, also in the middle of a stream."""
        if self._server is not None:
            self._server.close()
        for connection in self._connections:
            connection.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._serve(reader, writer))
        self._connections.add(task)
        task.add_done_callback(self._connections.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request after the other, until the client closes or breaks the protocol."""
        http = h11.Connection(h11.SERVER)
        # A broken request gets no answer: this API has two callers, both of this project.
        with contextlib.suppress(h11.ProtocolError, ConnectionError):
            while request := await _next_request(http, reader):
                await _send(http, writer, request.method, await self._answer(request))
                if http.our_state is not h11.DONE:
                    break
                http.start_next_cycle()
        writer.close()


async def _next_request(http: h11.Connection, reader: asyncio.StreamReader) -> Request | None:
    """The next request, once its body has passed; None when the client has closed."""
    request: Request | None = None
    body = bytearray()
    while True:
        event = http.next_event()
        if event is h11.NEED_DATA:
            http.receive_data(await reader.read(_READ_BYTES))
        elif isinstance(event, h11.Request):
            request = _request(event)
        elif isinstance(event, h11.Data):
            body += event.data[: MAX_BODY + 1 - len(body)]
        elif isinstance(event, h11.EndOfMessage):
            return request and replace(request, body=bytes(body))
        elif isinstance(event, h11.ConnectionClosed):
            return None


def _request(event: h11.Request) -> Request:
    target = urlsplit(event.target.decode("ascii"))
    return Request(
        event.method.decode("ascii"),
        unquote(target.path),
        dict(parse_qsl(target.query, keep_blank_values=True)),
        {name.decode("ascii"): value.decode("latin-1") for name, value in event.headers},
    )


async def _send(http: h11.Connection, writer: asyncio.StreamWriter, method: str, response: Response) -> None:
    async def send(event: h11.Event) -> None:
        writer.write(http.send(event) or b"")
        await writer.drain()

    headers = [("Content-Type", response.content_type)]
    if isinstance(response.body, bytes):
        headers.append(("Content-Length", str(len(response.body))))
    await send(h11.Response(status_code=response.status, headers=headers, reason=response.status.phrase))
    if isinstance(response.body, bytes):
        await send(h11.Data(data=b"" if method == "HEAD" else response.body))
    else:
        async with contextlib.aclosing(response.body) as pieces:
            async for piece in pieces:
                await send(h11.Data(data=piece))
    await send(h11.EndOfMessage())
