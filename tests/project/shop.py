"""A shop that is not brownout's, and its dependency: `shop.py shop PORT` and `shop.py prices PORT`."""

import os
import sys
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TRIES = int(os.environ.get("RETRIES", "0")) + 1


def price() -> tuple[int, bytes]:
    """Ask the dependency, as often as is allowed."""
    for _ in range(TRIES):
        try:
            with urllib.request.urlopen(f"{os.environ['PRICES_URL']}/price", timeout=2) as answer:  # noqa: S310
                return 200, answer.read()
        except OSError as error:
            failed = 502, str(error).encode()
    return failed


class Handler(BaseHTTPRequestHandler):
    """Both of them."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Answer."""
        status, body = price() if sys.argv[1] == "shop" and self.path != "/healthz" else (200, b"3")
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """No line a request."""


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[2])), Handler).serve_forever()
