"""A panel without services: it answers the page's API from a small model, to test the page alone.

`python -m tests.browser.standin PORT` serves it for looking at.
"""

from __future__ import annotations

import json
import queue
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

import msgspec

from brownout_faults.presets import PRESETS as FAULT_PRESETS
from brownout_loadtest.shapes.descriptions import described_shapes
from brownout_panel import __file__ as panel_file
from brownout_panel import shared_terms
from brownout_results.vendor import FOLDER as VENDOR
from tests.browser.standin_model import Model

PAGE = Path(panel_file).with_name("page")
CSP = "default-src 'self'; img-src 'self' data:; style-src 'self'"
TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".html": "text/html"}
SECOND_S = 1.0


class Handler(BaseHTTPRequestHandler):
    """One request; `server.model` is what it is about."""

    @property
    def model(self) -> Model:
        model: Model = cast(Any, self.server).model
        return model

    def do_GET(self) -> None:
        path = self.path.split("?")[0]
        if path == "/panel/":
            self._file(PAGE / "templates" / "panel.html")
        elif path.startswith("/panel/static/vendor/"):
            self._file(VENDOR / path.removeprefix("/panel/static/vendor/"))
        elif path == "/panel/static/terms.js":
            self._send(200, TYPES[".js"], shared_terms.module().encode())
        elif path == "/panel/static/terms.css":
            self._send(200, TYPES[".css"], shared_terms.style().encode())
        elif path == "/panel/api/faults/kinds":
            self._json({"kinds": self.model.kinds, "presets": FAULT_PRESETS})
        elif path == "/panel/api/policy/fields":
            self._json({"fields": self.model.policy_fields, "presets": self.model.presets})
        elif path == "/panel/api/load/shapes":
            self._json({"shapes": msgspec.to_builtins(described_shapes())})
        elif path.startswith("/panel/static/"):
            self._file(PAGE / "static" / path.removeprefix("/panel/static/"))
        elif path == "/panel/api/stream":
            self._stream()
        elif path in ("/panel/api/state", "/panel/api/history"):
            with self.model.lock:
                self._json(self.model.state() if path.endswith("state") else self.model.history())
        elif path == "/panel/api/experiments":
            self._json({"experiments": [], "current": None})
        else:
            self._json({"title": "not found", "detail": f"no {path}"}, 404)

    def do_PUT(self) -> None:
        self._change("PUT")

    def do_DELETE(self) -> None:
        self._change("DELETE")

    def do_POST(self) -> None:
        self._change("POST")

    def _change(self, method: str) -> None:
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"{}")
        path = self.path.removeprefix("/panel/api/")
        model = self.model
        with model.lock:
            model.requests.append((method, path, body, time.monotonic()))
            match method, path.split("/"):
                case "PUT", ["faults"]:
                    model.set_faults(body["faults"], "set")
                case "DELETE", ["faults"]:
                    model.set_faults([], "cleared")
                case "PUT", ["policy"]:
                    policy = model.presets[body["preset"]] if "preset" in body else body
                    name = body.get("preset", "custom")
                    model.policy = {"name": name, "policy": policy, "revision": model.policy["revision"] + 1}
                    model.tell("policy", model.policy)
                case "POST", ["marks"]:
                    model.phase = body.get("phase", model.phase)
                    model.note("phase", name=model.phase)
                    model.tell("run", model.run())
                case "POST", ["replicas", name, "kill"]:
                    if model.kill(name, body["even_last"]) is None:
                        self._json(
                            {
                                "title": "last ready",
                                "code": "last-ready",
                                "detail": f"{name} is the last ready one",
                            },
                            409,
                        )
                        return
                case "PUT" | "DELETE", ["load"]:
                    model.load = model.load | {"state": "running" if method == "PUT" else "stopped"}
                    model.tell("load", model.load)
                case "POST", ["stop-everything"]:
                    model.set_faults([], "cleared")
                    model.load = model.load | {"state": "stopped", "users": 0}
                    model.blocked = True
                    model.tell("load", model.load)
                    model.tell("blocked", {"blocked": True})
                case "POST", ["release"]:
                    model.blocked = False
                    model.tell("blocked", {"blocked": False})
            self._json({"steps": [{"step": "faults", "outcome": "cleared"}]})

    def _file(self, path: Path) -> None:
        content = path.read_bytes()
        self._send(200, TYPES.get(path.suffix, "text/plain"), content)

    def _json(self, document: Any, status: int = 200) -> None:
        self._send(status, "application/json", json.dumps(document).encode())

    def _send(self, status: int, kind: str, content: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Content-Security-Policy", CSP)
        self.end_headers()
        self.wfile.write(content)

    def _stream(self) -> None:
        mine: queue.Queue[tuple[int, str, Any]] = queue.Queue()
        given = parse_qs(urlsplit(self.path).query).get("last", [""])[0]
        boot, _, last = (self.headers.get("Last-Event-ID") or given).rpartition("-")
        with self.model.lock:
            if boot == self.model.boot:
                for event in self.model.told[int(last) :]:
                    mine.put(event)
            self.model.readers.append(mine)
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        try:
            while not cast(Any, self.server).ending.is_set():
                try:
                    number, kind, data = mine.get(timeout=0.2)
                except queue.Empty:
                    continue
                text = f"id: {self.model.boot}-{number}\nevent: {kind}\ndata: {json.dumps(data)}\n\n"
                self.wfile.write(text.encode())
                self.wfile.flush()
        except (BrokenPipeError, ConnectionResetError):
            pass
        finally:
            with self.model.lock:
                self.model.readers.remove(mine)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's word for it
        pass


class StandIn(ThreadingHTTPServer):
    """The server with its model and its clock."""

    daemon_threads = True

    def __init__(self, port: int, model: Model) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.model = model
        self.ending = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/panel/"

    def run_clock(self) -> None:
        while not self.ending.wait(SECOND_S):
            self.model.tick()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A browser that goes away is no error."""


@contextmanager
def serving(model: Model | None = None, port: int = 0) -> Iterator[StandIn]:
    """A stand-in on a free port, until the block ends."""
    server = StandIn(port, model or Model())
    threads = [threading.Thread(target=run) for run in (server.serve_forever, server.run_clock)]
    for thread in threads:
        thread.start()
    try:
        yield server
    finally:
        server.ending.set()
        server.shutdown()
        server.server_close()
        for thread in threads:
            thread.join(10)


def sent(panel: StandIn, path: str) -> list[tuple[Any, float]]:
    """What the page has sent to a path: the bodies, and when."""
    with panel.model.lock:
        return [(body, at) for _, to, body, at in panel.model.requests if to == path]


def faults_sent(panel: StandIn) -> list[dict[str, Any]]:
    """The last fault set that the page has sent."""
    bodies = sent(panel, "faults")
    return bodies[-1][0]["faults"] if bodies else []


if __name__ == "__main__":
    with serving(port=int(sys.argv[1])) as running:
        print(running.url)
        threading.Event().wait()
