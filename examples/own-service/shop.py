"""A shop that is not brownout's: it asks a price service of its own, without retry, with a time-out.

python shop.py prices PORT      the dependency, with brownout's faults added in one line
python shop.py shop PORT URL    the shop, which asks the dependency at URL
"""

import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from brownout import FaultInjector

TIMEOUT_S = 0.5


def prices(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
    """What things cost."""
    start("200 OK", [("Content-Type", "application/json")])
    return [b'{"apple": 3}']


def shop(dependency: str) -> Callable[..., Iterable[bytes]]:
    """The shop's page, which needs the prices."""

    def page(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        try:
            with urllib.request.urlopen(f"{dependency}/prices", timeout=TIMEOUT_S) as answer:
                body = b"apples cost " + answer.read()
        except (urllib.error.URLError, OSError):
            start("502 Bad Gateway", [("Content-Type", "text/plain")])
            return [b"no prices today"]
        start("200 OK", [("Content-Type", "text/plain")])
        return [body]

    return page


class Server(ThreadingMixIn, WSGIServer):
    """A request, a thread."""

    daemon_threads = True


class Quiet(WSGIRequestHandler):
    """No line a request."""

    def log_message(self, *_: Any) -> None:
        """Nothing."""


if __name__ == "__main__":
    role, port, *dependency = sys.argv[1:]
    app = FaultInjector(prices) if role == "prices" else shop(dependency[0])
    with make_server("127.0.0.1", int(port), app, Server, Quiet) as server:  # type: ignore[arg-type]  # takes any such pair
        print(f"{role} at http://127.0.0.1:{server.server_port}", flush=True)
        server.serve_forever()
