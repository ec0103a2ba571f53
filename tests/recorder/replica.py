"""Replicas as the sampler meets them, good and bad: `/NAME/status` and `/NAME/breaker?since=` of each.

    python -m tests.recorder.replica FD

FD is an inherited listening socket. The good client's breaker makes one transition a second.
"""

import json
import socket
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

STARTED = time.time()
CLIENT = {
    "circuit_state": "open",
    "backend_url": "http://backend",
    "boot_id": "boot-c",
    "policy": "full",
    "health": {"stalled_ms": 70.0, "cpu_ms": 900.0, "descriptors_free": 90},
    "counters": {
        "requests": 100,
        "attempts": 130,
        "retries": 30,
        "short_circuits": 4,
        "fallbacks": 5,
        "budget_denied": 6,
        "outcomes": {"ok": 95, "fallback": 5},
        "causes": {"http-503": 5},
    },
}
BACKEND = {"service": "backend", "boot_id": "boot-b", "requests": 7, "injected": {"error": 3}, "in_flight": 2}
BACKEND["health"] = "well"  # as a service of somebody else's may say


def transitions(since: int) -> list[dict[str, object]]:
    """Those after `since`: number 1 is an hour old, then comes one a second."""
    latest = 1 + int(time.time() - STARTED)
    moments = {1: STARTED - 3600, **{number: STARTED + number - 1 for number in range(2, latest + 1)}}
    return [
        {"seq": number, "at": at, "from": "closed", "to": "open", "cause": "3 failures"}
        for number, at in moments.items()
        if number > since
    ]


class Replica(BaseHTTPRequestHandler):
    """Answers by the name in the first part of the path; the sampler's own paths follow it."""

    def do_GET(self) -> None:
        name, _, query = self.path.strip("/").partition("?")
        kind, _, path = name.partition("/")
        if kind == "hanging":
            threading.Event().wait(5)
        elif kind == "dripping":
            self.drip()
        elif path == "breaker":
            self.answer(200, {"transitions": transitions(int(query.removeprefix("since=")))})
        else:
            self.answer(*ANSWERS.get(kind, (404, {})))

    def answer(self, status: int, document: object) -> None:
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def drip(self) -> None:
        """A byte now and then: no single read takes long."""
        self.send_response(200)
        self.send_header("Content-Length", "100")
        self.end_headers()
        for _ in range(50):
            self.wfile.write(b" ")
            time.sleep(0.1)

    def log_message(self, *_: object) -> None:
        pass


ANSWERS: dict[str, tuple[int, object]] = {
    "client": (200, CLIENT),
    "backend": (200, BACKEND),
    "failing": (500, {}),
    "foreign": (200, ["no", "object"]),
    "mistyped": (200, {"requests": "many"}),
}

if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), Replica, bind_and_activate=False)
    server.socket = socket.socket(fileno=int(sys.argv[1]))
    server.serve_forever()
