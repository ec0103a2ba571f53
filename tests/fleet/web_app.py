"""A small WSGI service for the fleet's tests: says which process answers."""

import os
import time
from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIEnvironment

if os.environ.get("WEB_FAILS") == "at-import":
    raise RuntimeError("the web service can't find its settings")

unready: list[str] = []


def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """`/readyz`, `/slow` (half a second), `/unready` (stops being ready), `/from` (the caller's address), and
    else the process's id."""
    path = environ["PATH_INFO"]
    if path == "/slow":
        time.sleep(0.5)
    if path == "/unready" or os.environ.get("WEB_FAILS") == "never-ready":
        unready.append(path)
    body = (environ["REMOTE_ADDR"] if path == "/from" else str(os.getppid())).encode()
    status = "503 Service Unavailable" if path == "/readyz" and unready else "200 OK"
    start_response(status, [("Content-Length", str(len(body)))])
    return [body]
