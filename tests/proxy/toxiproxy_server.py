"""A small HTTP server that behaves as Toxiproxy 2's API is documented: proxies and their toxics."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

ATTRIBUTES = {
    "latency": {"latency", "jitter"},
    "timeout": {"timeout"},
    "reset_peer": {"timeout"},
    "bandwidth": {"rate"},
    "limit_data": {"bytes"},
}


class Toxiproxy(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.toxics: dict[str, dict[str, dict[str, Any]]] = {"prices": {}}
        """Toxics by the names of the proxy and of the toxic."""

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller that is gone is no error of this server's."""


class _Handler(BaseHTTPRequestHandler):
    server: Toxiproxy
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        found = self._toxics()
        if found is not None:
            proxy = self.path.split("/")[2]
            self._answer(200, {"name": proxy, "enabled": True, "toxics": list(found.values())})

    def do_POST(self) -> None:
        toxic = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        found = self._toxics()
        if found is None:
            return
        if set(toxic["attributes"]) != ATTRIBUTES.get(toxic["type"]):
            self._answer(400, {"error": "invalid toxic type", "status": 400})
        elif toxic["name"] in found:
            self._answer(409, {"error": "toxic already exists", "status": 409})
        else:
            found[toxic["name"]] = toxic
            self._answer(200, toxic)

    def do_DELETE(self) -> None:
        found = self._toxics()
        if found is not None:
            known = found.pop(self.path.split("/")[4], None)
            self._answer(
                *((404, {"error": "toxic not found", "status": 404}) if known is None else (204, None))
            )

    def _toxics(self) -> dict[str, dict[str, Any]] | None:
        toxics = self.server.toxics.get(self.path.split("/")[2])
        if toxics is None:
            self._answer(404, {"error": "proxy not found", "status": 404})
        return toxics

    def _answer(self, status: int, document: object) -> None:
        body = b"" if document is None else json.dumps(document).encode()
        self.send_response(status)
        if status != 204:
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def toxiproxy() -> Iterator[Toxiproxy]:
    with Toxiproxy() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
