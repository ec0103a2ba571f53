"""gunicorn's gevent worker and logger, changed where no setting of theirs does it.

All that is used of gunicorn beyond its documentation stands here; `check` holds it to the installed version.

gunicorn's master imports this before the worker patches the standard library for gevent, so nothing may be
imported here that opens sockets or starts threads when it is imported.

This file is the same in every service: each is deployable from its own folder alone.
"""

import inspect
import os
import socket
from contextlib import suppress
from functools import partial
from types import FrameType
from typing import Any

import gevent
import gunicorn
from gevent import monkey
from gevent.event import Event
from gevent.pool import Pool
from gevent.server import StreamServer
from gunicorn.errors import AppImportError
from gunicorn.glogging import Logger
from gunicorn.workers.ggevent import GeventWorker

from . import logs
from .loop_health import LOOP

ACCEPT_S = 1.0
"""How long a stopping worker still accepts connections while it has requests in flight: probes of /readyz get
503, and callers that do not know yet are served and not refused."""

METHODS: dict[tuple[Any, str], int] = {
    (GeventWorker, "handle"): 3,
    (GeventWorker, "handle_exit"): 2,
    (GeventWorker, "handle_request"): 4,
    (GeventWorker, "load_wsgi"): 0,
    (GeventWorker, "notify"): 0,
    (GeventWorker, "run"): 0,
    (Logger, "setup"): 1,
}
"""Methods that are called or replaced, and how many arguments each takes besides `self`."""

ATTRIBUTES = ("alive", "cfg", "log", "sockets", "worker_connections")
"""What a worker has from its beginning."""


def check() -> None:
    """Raise ImportError, naming the version, if this gunicorn is not made as the classes below need it."""
    for (owner, name), arguments in METHODS.items():
        method = getattr(owner, name, None)
        if method is None:
            raise _unfit(f"{owner.__name__} has no {name}")
        found = len(inspect.signature(method).parameters) - 1
        if found != arguments:
            raise _unfit(f"{owner.__name__}.{name} has another number of arguments, {found} for {arguments}")


def _unfit(reason: str) -> ImportError:
    return ImportError(
        f"gunicorn {gunicorn.__version__} does not work with this service: {reason}; "
        "install one that does, such as 23.0.0 or 27.0.1"
    )


class JsonLogger(Logger):
    """gunicorn's own messages, as JSON among the others.

    A class and not `logconfig_dict`: with that one, gunicorn formats an access line for each request, even if
    nobody reads it.
    """

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        logs.configure(cfg.loglevel.upper())
        self.error_log.handlers.clear()
        self.error_log.propagate = True


class ServiceWorker(GeventWorker):
    """gunicorn's gevent worker with a prompt and graceful stop.

    GeventWorker looks once a second whether it should stop, and then waits for idle keep-alive connections
    as if they were requests, until `graceful_timeout`. This one says 503 at /readyz
    at once, and ends as soon as the requests in flight are answered; idle connections are closed.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ATTRIBUTES:
            if not hasattr(self, name):
                raise SystemExit(str(_unfit(f"its worker has no {name}")))
        self.stop = Event()
        self.idle: set[Any] = set()
        """Connections between two requests: nothing is lost when they are closed."""

    def load_wsgi(self) -> None:
        """Load the application; a setting that it refuses (ValueError) ends the server with that message."""
        try:
            super().load_wsgi()
        except ValueError as error:
            raise AppImportError(str(error)) from error

    def handle_exit(self, _sig: int, _frame: FrameType | None) -> None:
        """SIGTERM: no longer ready, from this moment on."""
        from .telemetry import Telemetry

        Telemetry.stopping = True
        self.alive = False
        self.stop.set()

    def handle(self, listener: Any, client: Any, addr: Any) -> None:
        """Serve one connection, until it is closed."""
        if client.family != socket.AF_UNIX:
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.idle.add(client)
        try:
            super().handle(listener, client, addr)
        finally:
            self.idle.discard(client)

    def handle_request(self, listener_name: Any, req: Any, sock: Any, addr: Any) -> None:
        """Serve one request of a connection."""
        self.idle.discard(sock)
        try:
            super().handle_request(listener_name, req, sock, addr)
        finally:
            self.idle.add(sock)
            if not self.alive:
                _end_reading(sock)

    def run(self) -> None:
        """Serve until told to stop, then finish what is in flight, within `graceful_timeout`."""
        gevent.spawn(LOOP.watch)
        connections = Pool(self.worker_connections)
        servers = [StreamServer(s, partial(self.handle, s), spawn=connections) for s in self.sockets]
        for server in servers:
            server.socket.setblocking(True)
            server.start()
        while self.alive:
            self.notify()
            self.stop.wait(1.0)

        with gevent.Timeout(self.cfg.graceful_timeout - 0.5, False):
            self._finish_requests(servers, connections)
        unanswered = len(connections) - len(self.idle)
        if unanswered:
            self.log.warning("stopped with %s requests unanswered", unanswered)

    def _finish_requests(self, servers: list[StreamServer], connections: Pool) -> None:
        with gevent.Timeout(ACCEPT_S, False):
            while len(connections) > len(self.idle):
                gevent.sleep(0.01)
        for server in servers:
            server.close()
        for sock in self.idle:
            _end_reading(sock)
        connections.join()


def _end_reading(sock: Any) -> None:
    """Let a connection end before its next request. One that has already arrived is still served."""
    # Through a plain socket: gevent's own shutdown raises EBADF in the greenlet that waits for the request.
    plain_socket = monkey.get_original("socket", "socket")
    with suppress(OSError), plain_socket(fileno=os.dup(sock.fileno())) as twin:  # the peer may be faster
        twin.shutdown(socket.SHUT_RD)
