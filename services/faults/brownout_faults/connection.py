"""The server's side of a connection, closed in ways that an application can't by itself."""

import errno
import os
import socket
import struct
from typing import NoReturn
from wsgiref.types import WSGIEnvironment

SERVERS = "gunicorn, gevent.pywsgi, the development server of Flask and Werkzeug, wsgiref.simple_server"
"""Servers under which the faults that close connections work."""


def close(environ: WSGIEnvironment, *, abruptly: bool = False) -> NoReturn:
    """Close the connection, now; `abruptly`: reset it (RST). Otherwise what was sent before still arrives.

    Raises ConnectionResetError, which each of SERVERS takes for a client that is gone; or LookupError if the
    server gives no access (see `accessible`).

    It isn't left to the server to close its socket after the exception: one would wait for the next request
    instead, another shut its side down first, which the caller would see as an orderly end even with the
    linger time of 0 that makes closing a reset. So it is closed here, by putting in its place a socket whose
    peer is gone. The descriptor stays the server's own, and can't become somebody else's meanwhile.
    """
    descriptor = _descriptor(environ)
    if descriptor is None:
        raise LookupError(f"no access to the connection; it is there under {SERVERS}")
    if abruptly:
        with socket.socket(fileno=os.dup(descriptor)) as twin:
            twin.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    orphan, peer = socket.socketpair()
    with orphan, peer:
        os.dup2(orphan.fileno(), descriptor, inheritable=False)
    raise ConnectionResetError(errno.ECONNRESET, "closed by an injected fault")


def accessible(environ: WSGIEnvironment) -> bool:
    """Whether the server that made `environ` lets its connections be closed from here."""
    return _descriptor(environ) is not None


def _descriptor(environ: WSGIEnvironment) -> int | None:
    """The file descriptor of the request's connection; None if the server gives no access to it."""
    software = environ.get("SERVER_SOFTWARE", "")
    if "gunicorn.socket" in environ:
        holder = environ["gunicorn.socket"]
    elif "werkzeug.socket" in environ:
        holder = environ["werkzeug.socket"]
    elif software.startswith("WSGIServer/"):  # wsgiref
        holder = environ["wsgi.input"]
    elif software.startswith("gevent/"):
        holder = getattr(environ["wsgi.input"], "rfile", None)
    else:
        return None
    return None if holder is None else int(holder.fileno())
