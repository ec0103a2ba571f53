"""The injector for ASGI: middleware around a FastAPI, Starlette, Django or other application."""

import io
import time
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any

from . import ability
from .active_faults import ActiveFaults
from .asgi_connection import SERVERS, close, transport_of
from .control import control
from .course import Close, Ending, course
from .course_in_task import run
from .effects import Cut, Reply
from .fault import Fault
from .match import RequestFacts
from .paths import CONTROL_PATH, EXEMPT, Paths
from .state import FaultState
from .throttling import pieces
from .validation import MAX_BODY

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]


class ASGIFaultInjector:
    """Inject faults into the requests of `app`: `app.add_middleware(ASGIFaultInjector)`, or around it.

    What it takes is what `FaultInjector` takes, but for a capacity. WebSockets and the application's lifespan
    pass untouched. Faults that close the connection need uvicorn; under another server they are refused.
    """

    def __init__(
        self,
        app: Application,
        *,
        control_path: str = CONTROL_PATH,
        exempt: Iterable[str] = EXEMPT,
        seed: int | None = None,
        dependency: str | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.state = FaultState(seed=seed, clock=clock, dependency=dependency)
        self.app = app
        self._paths = Paths(control_path, exempt)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        path = _path(scope)
        if self._paths.is_exempt(path):
            await self.app(scope, receive, send)
        elif endpoint := self._paths.control(path):
            await self._control(endpoint, scope, receive, send)
        else:
            await self._serve(scope, receive, send)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        state = self.state
        state.started.add()
        try:
            if state.active.here:
                await self._inject(scope, receive, send)
            else:
                await self.app(scope, receive, send)
        finally:
            state.finished.add()

    async def _inject(self, scope: Scope, receive: Receive, send: Send) -> None:
        active, hits = self.state.select(_facts(scope), ability.is_declared)
        ending = await run(course(hits), active)
        match ending.effect:
            case Reply() as answer:
                await _respond(answer, send)
            case Close(abruptly):
                await close(receive, abruptly=abruptly)
            case Cut() as cut:
                await _cut_short(self.app, scope, receive, _paced(send, ending, active), cut)
            case None:
                await self.app(scope, receive, _paced(send, ending, active))

    async def _control(self, endpoint: str, scope: Scope, receive: Receive, send: Send) -> None:
        body = await _body(receive)
        headers = _headers(scope)
        environ = {
            "REQUEST_METHOD": scope["method"],
            "PATH_INFO": scope["path"],
            "CONTENT_TYPE": headers("content-type") or "",
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.input": io.BytesIO(body),
        }
        answer = control(endpoint, self.state, environ, _ability(receive))
        content = b"" if scope["method"] == "HEAD" else answer.get_data()
        pairs = [(name.lower().encode(), value.encode()) for name, value in answer.headers.items()]
        await send({"type": "http.response.start", "status": answer.status_code, "headers": pairs})
        await send({"type": "http.response.body", "body": content})


async def _respond(answer: Reply, send: Send) -> None:
    headers = [(name.lower().encode(), value.encode()) for name, value in answer.headers]
    headers.append((b"content-length", str(len(answer.body)).encode()))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})


async def _cut_short(app: Application, scope: Scope, receive: Receive, send: Send, cut: Cut) -> None:
    """Hold the application's answer, announce all of it, and send its beginning."""
    start: Message = {}
    body = bytearray()

    async def hold(message: Message) -> None:
        if message["type"] == "http.response.start":
            start.update(message)
        else:
            body.extend(message.get("body", b""))

    await app(scope, receive, hold)
    end = len(body) // 2 if cut.after_bytes is None else cut.after_bytes
    kept = [(name, value) for name, value in start["headers"] if name.lower() != b"content-length"]
    await send({**start, "headers": [*kept, (b"content-length", str(len(body)).encode())]})
    if end >= len(body):
        await send({"type": "http.response.body", "body": bytes(body)})
        return
    await send({"type": "http.response.body", "body": bytes(body[:end]), "more_body": True})
    await close(receive)


def _paced(send: Send, ending: Ending, active: ActiveFaults) -> Send:
    """A `send` that sends bodies at the pace that is asked for."""
    rate = ending.bytes_per_s
    if rate is None:
        return send

    async def paced(message: Message) -> None:
        if message["type"] == "http.response.body":
            goes_on = True
            for piece in pieces(message.get("body", b""), rate):
                goes_on = goes_on and await active.sleep_async(len(piece) / rate)
                await send({"type": "http.response.body", "body": piece, "more_body": True})
            message = {**message, "body": b""}
        await send(message)

    return paced


async def _body(receive: Receive) -> bytes:
    """The request's body, of which no more is kept than shows that it is too long."""
    body = bytearray()
    while True:
        message = await receive()
        if len(body) <= MAX_BODY:
            body.extend(message.get("body", b""))
        if not message.get("more_body"):
            return bytes(body[: MAX_BODY + 1])


def _path(scope: Scope) -> str:
    """The path below the one at which the application is mounted."""
    path, root = str(scope["path"]), str(scope.get("root_path", ""))
    return path[len(root) :] if root and path.startswith(f"{root}/") else path


def _headers(scope: Scope) -> Callable[[str], str | None]:
    def header(name: str) -> str | None:
        wanted = name.lower().encode()
        found = [value.decode("latin-1") for key, value in scope["headers"] if key.lower() == wanted]
        return ",".join(found) if found else None

    return header


def _facts(scope: Scope) -> RequestFacts:
    return RequestFacts(scope["method"], _path(scope), _headers(scope))


def _ability(receive: Receive) -> ability.Ability:
    transport = transport_of(receive)

    def able(fault: Fault) -> str | None:
        if transport is not None:
            return ability.without_wsgi(fault)
        return ability.without_wsgi(fault) or ability.without_connection(fault, "this one", SERVERS)

    return able
