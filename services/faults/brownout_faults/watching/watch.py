"""`watch`: one name for what a service writes, and the ways in which its document can be served."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping
from typing import Any, TypeVar

import msgspec

from .adapters import adapter_of
from .journal import Journal
from .standalone import Standalone

PATH = "/breaker"
"""Where an application answers, unless it is told otherwise."""

HEADERS = (("Content-Type", "application/json"), ("Cache-Control", "no-store"))

T = TypeVar("T")

logger = logging.getLogger("brownout.watch")


class Watch:
    """Watches the breakers and retries of a process. It never raises: what it can't do, it logs."""

    def __init__(self) -> None:
        self._journal = Journal()
        self._standalone = Standalone(self._body)

    def __call__(
        self, thing: T, *, name: str | None = None, app: Any = None, path: str = PATH, port: int | None = None
    ) -> T:
        """Watch a breaker, a factory of breakers, or retries; returns it, so that this can be wrapped around.

        `name` is what people read; default: the breaker's own. With `app`, an application of Flask, FastAPI
        or Starlette, that application answers at `path`; with `port`, a thread does, at 127.0.0.1.
        """
        try:
            adapter = adapter_of(thing)
            if adapter is None:
                logger.warning(
                    'brownout.watch: "%s" is not a CircuitBreaker of pybreaker, a circuit breaker factory of '
                    "purgatory, or a Retrying or decorated function of tenacity: it is not watched",
                    type(thing).__name__,
                )
            else:
                adapter(thing, name, self._journal)
            if app is not None:
                self._add_to(app, path)
            if port is not None:
                self.serve(port)
        except Exception:
            logger.exception("brownout.watch: this is not watched")
        return thing

    def document(self) -> dict[str, Any]:
        """Return the document, for a framework that is not named here."""
        return self._journal.document()

    def wsgi(self, _: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer as a WSGI application, at any path."""
        body = self._body()
        start_response("200 OK", [*HEADERS, ("Content-Length", str(len(body)))])
        return [body]

    async def asgi(
        self,
        scope: Mapping[str, Any],
        receive: Callable[[], Awaitable[MutableMapping[str, Any]]],
        send: Callable[[MutableMapping[str, Any]], Awaitable[None]],
    ) -> None:
        """Answer as an ASGI application, at any path."""
        if scope["type"] == "lifespan":  # where it is the whole application
            while (await receive())["type"] == "lifespan.startup":
                await send({"type": "lifespan.startup.complete"})
            return await send({"type": "lifespan.shutdown.complete"})
        body = self._body()
        headers = [(key.lower().encode(), value.encode()) for key, value in HEADERS]
        length = (b"content-length", str(len(body)).encode())
        await send({"type": "http.response.start", "status": 200, "headers": [*headers, length]})
        return await send({"type": "http.response.body", "body": body})

    def blueprint(self, path: str = PATH) -> Any:
        """Return a blueprint for Flask that answers at `path`."""
        from flask import Blueprint

        blueprint = Blueprint("brownout_watch", __name__)
        blueprint.add_url_rule(path, "breaker", self._flask_view)
        return blueprint

    def serve(self, port: int, host: str = "127.0.0.1") -> int | None:
        """Answer in a thread of its own; returns the port, None if it is taken. Port 0: any free one.

        Several processes of a service may use the same port.
        """
        return self._standalone.serve(host, port)

    def stop(self) -> None:
        """End the thread, if `serve` has started one."""
        self._standalone.stop()

    def _flask_view(self) -> Any:
        from flask import Response

        return Response(self._body(), headers=dict(HEADERS))

    def _add_to(self, app: Any, path: str) -> None:
        if hasattr(app, "add_url_rule"):  # Flask
            if "brownout_watch" not in app.view_functions:
                app.add_url_rule(path, "brownout_watch", self._flask_view)
        elif hasattr(app, "add_route"):  # Starlette and FastAPI
            if not any(getattr(one, "path", None) == path for one in app.routes):
                app.add_route(path, _AsgiRoute(self.asgi), include_in_schema=False)
        else:
            logger.warning(
                'brownout.watch: "%s" is no application of Flask, FastAPI or Starlette. Serve '
                "brownout.watch.wsgi or brownout.watch.asgi in it, or give a port",
                type(app).__name__,
            )

    def _body(self) -> bytes:
        return msgspec.json.encode(self._journal.document())


class _AsgiRoute:
    """An ASGI application that Starlette takes for one: what it takes for a function gets a request."""

    def __init__(self, app: Callable[..., Awaitable[None]]) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await self._app(scope, receive, send)


watch = Watch()
"""The process's own."""
