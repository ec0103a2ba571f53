"""A fleet that tests put together: real replicas, or stand-ins for bad ones, and what the fleet says of them.

Tests run on gevent's hub, which is not patched in: they wait with `until`, never with `time.sleep`.
"""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import gevent
from gevent.queue import Queue
from msgspec.structs import replace

from brownout_fleet.model import EventKind, NotRunningError, Replica, ReplicaEvent, ReplicaPhase
from brownout_panel.control import Control
from brownout_panel.model import ApplyState, ApplyStatus, ReplicaView
from tests import servers

KINDS: dict[ReplicaPhase, EventKind] = {
    ReplicaPhase.STARTING: "appeared",
    ReplicaPhase.READY: "ready",
    ReplicaPhase.UNREADY: "unready",
    ReplicaPhase.GONE: "gone",
}


until = partial(servers.until, pause=gevent.sleep)
"""Waits while greenlets go on."""


class Fleet:
    """What a fleet process says, as a test wants it said."""

    def __init__(self) -> None:
        self.present: dict[str, Replica] = {}
        self.killed: list[str] = []
        self._events: Queue[ReplicaEvent] = Queue()
        self._seq = 0

    def put(self, name: str, url: str, phase: ReplicaPhase = ReplicaPhase.READY, life: int = 1) -> None:
        """A replica is there, in its first life or a later one."""
        service = name.partition("-")[0]
        self._say(Replica(name, service, url, phase, f"{name}@{life}", time.time(), restarts=life - 1))

    def name_dependency(self, name: str, dependency: str) -> None:
        """A replica stands for a dependency of this name."""
        self.present[name] = replace(self.present[name], dependency=dependency)

    def gone(self, name: str) -> None:
        """A replica has ended."""
        self._say(replace(self.present[name], phase=ReplicaPhase.GONE, reason="ended by SIGKILL"))

    def replicas(self) -> list[Replica]:
        """As the fleet lists them."""
        return list(self.present.values())

    def watch(self, since: int) -> Iterator[ReplicaEvent]:
        """The events as they come."""
        while True:
            event = self._events.get()
            if event.seq > since:
                yield event

    def kill(self, name: str) -> Replica:
        """Its end is told before this returns."""
        replica = self.present[name]
        if replica.phase is ReplicaPhase.GONE:
            raise NotRunningError(f"{name} is not running")
        self.killed.append(name)
        self.gone(name)
        return replica

    def _say(self, replica: Replica) -> None:
        self.present[replica.name] = replica
        self._seq += 1
        self._events.put(ReplicaEvent(self._seq, time.time(), KINDS[replica.phase], replica))


class Timeline:
    """What a control noted."""

    def __init__(self) -> None:
        self.events: list[tuple[str, dict[str, Any]]] = []

    def __call__(self, kind: str, **fields: Any) -> None:
        self.events.append((kind, fields))

    def of(self, kind: str) -> list[dict[str, Any]]:
        """The events of one kind."""
        return [fields for name, fields in self.events if name == kind]


@contextmanager
def controlling(fleet: Fleet, note: Callable[..., None] | None = None) -> Iterator[Control]:
    """A control of this fleet that knows each replica that serves."""
    control = Control(fleet.replicas, fleet.watch, fleet.kill, note or Timeline())
    control.start()
    try:
        yield control
    finally:
        control.stop()


def view(control: Control, name: str) -> ReplicaView:
    """What a control says of one replica."""
    return next(one for one in control.views() if one.replica.name == name)


def status_of(control: Control, name: str) -> ApplyStatus:
    """A replica's status; something must be wanted of it."""
    found = view(control, name).status
    assert found is not None
    return found


def await_state(control: Control, name: str, state: ApplyState) -> None:
    """Wait until a replica is in this state."""
    until(lambda: status_of(control, name).state is state, f"{name} to be {state}")


def await_status(control: Control, name: str) -> None:
    """Wait until something is wanted of a replica."""
    until(lambda: view(control, name).status, f"{name} to have a status")


class StandIn(ThreadingHTTPServer):
    """A backend that takes every fault set, until it is told to misbehave.

    `mode` is "good", "hanging", "failing" (500), "dropping" (closes the connection), "forgetful" (answers
    with another revision), "foreign" (not the JSON expected), "empty" (404 to everything) or "picky" (400 to
    each PUT). `seen` is method and body of each request, `paths` their paths.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.mode = "good"
        self.seen: list[tuple[str, dict[str, Any]]] = []
        self.paths: list[str] = []
        self.document: dict[str, Any] = {"faults": [], "revision": 0}
        self.released = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    @property
    def puts(self) -> list[dict[str, Any]]:
        """What was put."""
        return [body for method, body in list(self.seen) if method == "PUT"]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: StandIn

    def do_GET(self) -> None:
        self._serve({})

    def do_PUT(self) -> None:
        self._serve(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

    def _serve(self, body: dict[str, Any]) -> None:
        server = self.server
        server.seen.append((self.command, body))
        server.paths.append(self.path)
        match server.mode:
            case "hanging":
                server.released.wait(10)
                self.close_connection = True
            case "dropping":
                self.close_connection = True
            case "failing":
                self._answer(500, {})
            case "empty":
                self._answer(404, {})
            case "picky" if body:
                self._answer(400, {"status": 400, "title": "Bad Request", "detail": "no faults here"})
            case "foreign":
                self._answer(200, ["no", "object"])
            case "forgetful":
                self._answer(200, {"faults": [], "revision": 0, "boot_id": "stand-in"})
            case _:
                server.document = body or server.document
                self._answer(200, {**server.document, "boot_id": "stand-in"})

    def _answer(self, status: int, document: object) -> None:
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def stand_in() -> Iterator[StandIn]:
    """A running stand-in."""
    server = StandIn()
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield server
    finally:
        server.released.set()
        server.shutdown()
        thread.join()
        server.server_close()
