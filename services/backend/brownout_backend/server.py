"""How a replica serves: gunicorn's settings, to be used as `gunicorn -c python:PACKAGE.server APP`.

One worker, since a replica's state is in one place; gevent, since most of a request is waiting.

gunicorn's master imports this before the worker patches the standard library for gevent, so nothing may be
imported here that opens sockets or starts threads when it is imported.

This file is the same in every service: each is deployable from its own folder alone.
"""

import gc
import os
import resource
import sys

from . import gunicorn_worker, logs

OPEN_FILES = 16_384
"""Open files (connections among them) to ask the system for; macOS allows 256 unless asked."""


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


try:
    gunicorn_worker.check()
except ImportError as unfit:
    sys.exit(str(unfit))

workers = 1
worker_class = gunicorn_worker.ServiceWorker
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
logger_class = gunicorn_worker.JsonLogger
# gunicorn 25 and later would keep a thread and a socket file for its remote control.
control_socket_disable = True
