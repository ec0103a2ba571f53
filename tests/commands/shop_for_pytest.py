"""A shop and its dependency in one file: `shop` asks `prices`, which its variable PRICES names."""

from __future__ import annotations

import os
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import requests


class Shop(BaseHTTPRequestHandler):
    """Answers 200 if prices does, else 503."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        status = 200
        if sys.argv[1] == "shop" and self.path == "/checkout":
            try:
                status = requests.get(f"{os.environ['PRICES']}/price", timeout=5).status_code
            except OSError:
                status = 503
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[2])), Shop).serve_forever()
