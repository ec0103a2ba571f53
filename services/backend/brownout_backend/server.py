"""How a replica serves: gunicorn's settings, to be used as `gunicorn -c python:PACKAGE.server APP`.

One worker, since a replica's state is in one place; gevent, since most of a request is waiting.

gunicorn's master imports this before the worker patches the standard library for gevent, so nothing may be
imported here that opens sockets or starts threads when it is imported.

This file is the same in every service: each is deployable from its own folder alone.
"""

import gc
import os
import resource
import socket
import sys
from contextlib import suppress
from functools import partial
from types import FrameType
from typing import Any

import gevent
from gevent import monkey
from gevent.event import Event
from gevent.pool import Pool
from gevent.server import StreamServer
from gunicorn.errors import AppImportError
from gunicorn.glogging import Logger
from gunicorn.workers.ggevent import GeventWorker

from . import logs

ACCEPT_S = 1.0
"""How long a stopping worker still accepts connections while it has requests in flight, so that whoever asks
hears 503 from /readyz, and callers that have not heard yet are served and not refused."""

OPEN_FILES = 16_384
"""Open files (connections among them) to ask the system for; macOS allows 256 unless asked."""


class JsonLogger(Logger):  # type: ignore[misc]
    """gunicorn's own messages, as JSON among the others.

    A class and not `logconfig_dict`: with that one, gunicorn formats an access line for each request, even if
    nobody reads it.
    """

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        logs.configure(cfg.loglevel.upper())
        self.error_log.handlers.clear()
        self.error_log.propagate = True


class Worker(GeventWorker):  # type: ignore[misc]
    """gunicorn's gevent worker with a prompt and graceful stop.

    GeventWorker looks once a second whether it should stop, and then waits for idle keep-alive connections
    as if they were requests, until `graceful_timeout`. This one says 503 at /readyz
    at once, and ends as soon as the requests in flight are answered; idle connections are closed.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
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


def on_starting(_arbiter: object) -> None:
    """Raise the limit of open files as far as OPEN_FILES; the worker inherits it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OPEN_FILES if hard == resource.RLIM_INFINITY else min(OPEN_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def post_worker_init(_worker: object) -> None:
    """Keep what was imported out of all garbage collections: one of those would stop every request for 50 ms
    and more, and the callers that waited for it would come back in step."""
    gc.collect()
    gc.freeze()


def _log_level() -> str:
    try:
        return logs.level(os.environ)
    except ValueError as error:
        sys.exit(str(error))


workers = 1
worker_class = Worker
worker_connections = 4096
backlog = 2048
# Clients keep their connections pooled. gunicorn's default of 2 s would reset them between two bursts; 75 s
# is longer than the 60 s after which common proxies and load balancers drop an idle one themselves.
keepalive = 75
# SIGTERM to exit in 5 s at most: 4 s for the requests in flight, the rest for the processes to end.
graceful_timeout = 4
# The heartbeat file, in memory: the root file system of a container is read-only.
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108
accesslog = None
loglevel = _log_level().lower()
logger_class = JsonLogger
# gunicorn 25 and later would keep a thread and a socket file for its remote control.
control_socket_disable = True
