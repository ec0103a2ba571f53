"""An ASGI application that is not ours: Starlette under uvicorn, with the injector among its middleware."""

import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from brownout_faults import ASGIFaultInjector, Fault, effects, register, setting

STATE: list[str] = []


@register
class Doze(Fault, tag="doze"):
    """Wait for a moment."""

    nap_ms: Annotated[int, setting("nap", "Time to wait.", unit="ms", ge=0, le=5000)] = 0

    answers = False

    def effect(self, _draw: float) -> effects.Delay:
        return effects.Delay(self.nap_ms / 1000)


@asynccontextmanager
async def lifespan(_: Starlette) -> AsyncIterator[None]:
    STATE.append("started")
    yield


async def items(request: Request) -> Response:
    body = await request.body()
    return PlainTextResponse(f"{STATE[0]} {request.method} {len(body)}")


async def stream(_: Request) -> Response:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(4):
            yield b"abcde"

    return StreamingResponse(pieces())


async def chat(websocket: WebSocket) -> None:
    await websocket.accept()
    await websocket.send_text("hello")
    await websocket.close()


app = Starlette(
    routes=[
        Route("/items", items, methods=["GET", "POST"]),
        Route("/healthz", items),
        Route("/stream", stream),
        WebSocketRoute("/chat", chat),
    ],
    lifespan=lifespan,
    middleware=[Middleware(ASGIFaultInjector, seed=1, dependency="items")],
)

if __name__ == "__main__":
    config = uvicorn.Config(app, log_level="warning", http="h11")
    uvicorn.Server(config).run(sockets=[socket.socket(fileno=int(sys.argv[1]))])
