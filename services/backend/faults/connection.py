"""The server's side of a connection, closed in ways that an application can't by itself."""

import errno
import os
import socket
import struct
from wsgiref.types import WSGIEnvironment

SERVERS = "gunicorn, gevent.pywsgi, the development server of Flask and Werkzeug, wsgiref.simple_server"
"""Servers under which the faults that close connections work."""


def closed() -> ConnectionResetError:
    """An exception that each of SERVERS takes as "the client is gone": it closes the connection quietly."""
    return ConnectionResetError(errno.ECONNRESET, "closed by an injected fault")


def reset(environ: WSGIEnvironment) -> None:
    """Reset the connection (RST), now. The server's next use of its socket fails.

    With the linger time set to 0, closing a socket resets the connection. But some servers shut their side
    down before they close, which the caller would see as an orderly end. So the socket is closed here, by
    putting /dev/null in its place: the descriptor stays the server's, and can't become somebody else's.

    Raises LookupError if the server gives no access; `accessible` tells.
    """
    descriptor = _descriptor(environ)
    if descriptor is None:
        raise LookupError(f"no access to the connection; it is there under {SERVERS}")
    with socket.socket(fileno=os.dup(descriptor)) as twin:
        twin.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    with open(os.devnull, "rb") as null:
        os.dup2(null.fileno(), descriptor, inheritable=False)


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
        holder = environ["wsgi.input"].rfile
    else:
        return None
    descriptor: int = holder.fileno()
    return descriptor
