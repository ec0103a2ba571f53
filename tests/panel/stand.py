"""A panel on a real port, for tests: without a fleet, or with a replica of each service that can't be killed.

    python -m tests.panel.stand [--replicas] [--folder FOLDER]

prints its URL as a line, and ends when its standard input does. With a folder a run is on, each second
brings the same 100 requests, and the backend is asked all the time.
"""

import gevent
from gevent import monkey

monkey.patch_all()

# ruff: noqa: E402 - what follows must be imported patched
import sys
import time
from pathlib import Path
from typing import Any

import requests
from gevent.pywsgi import WSGIServer

from brownout_backend.app import create_app as create_backend
from brownout_client.app import create_app as create_client
from brownout_fleet.model import NotRunningError, Replica, ReplicaPhase
from brownout_loadtest.shapes.descriptions import described_shapes
from brownout_panel.control import Control
from brownout_panel.model import Load, LoadShape
from brownout_panel.panel import Panel
from brownout_panel.program import Program
from brownout_panel.reports import Reports
from brownout_panel.serve import PanelServer
from tests.panel.seconds import measured
from tests.panel.token import TOKEN


class StandLoad:
    """A load that always does what it is told."""

    def __init__(self) -> None:
        self._state: Any = "ready"

    def view(self) -> Load:
        return Load(state=self._state, host=None, users=0, settings={})

    def shapes(self) -> list[LoadShape]:
        return described_shapes()

    def start(self, _settings: Any) -> Load:
        self._state = "running"
        return self.view()

    def stop(self) -> Load:
        self._state = "stopped"
        return self.view()


def no_kill(name: str) -> Replica:
    raise NotRunningError(f'"{name}" is not to be killed here')


def serve(service: str, app: Any) -> tuple[WSGIServer, Replica]:
    """One of the real services, served by this process."""
    server = WSGIServer(("127.0.0.1", 0), app, log=None)
    server.start()
    url = f"http://127.0.0.1:{server.server_port}"
    return server, Replica(f"{service}-0", service, url, ReplicaPhase.READY, service, time.time())


def replicas() -> list[tuple[WSGIServer, Replica]]:
    """A backend, and a client that calls it."""
    server, backend = serve("backend", create_backend())
    return [(server, backend), serve("client", create_client({"BACKEND_URL": backend.url}))]


def ask_for_good(url: str) -> None:
    """Ask a backend for its data, so that its faults have something to hit."""
    while True:
        requests.get(f"{url}/data", timeout=5)
        gevent.sleep(0.01)


def measure(panel: Panel) -> None:
    """A load of 100 requests a second, of which 90 are ok."""
    while True:
        panel.add_second(measured(int(time.time()) - 1))
        gevent.sleep(1)


def main() -> None:
    panels: list[Panel] = []

    def note(kind: str, **fields: Any) -> None:
        panels[0].add_event(
            {"t": "2026-01-01T00:00:00.000Z", "mono": time.monotonic(), "kind": kind, **fields}
        )

    fleet = replicas() if "--replicas" in sys.argv else []
    control = Control(lambda: [replica for _, replica in fleet], None, no_kill, note)
    folder = Path(sys.argv[-1]) if "--folder" in sys.argv else None
    address: dict[str, str] = {}
    program = Program([sys.executable, "-m", "tests.panel.experiment"], lambda: folder, lambda: address)
    reports = Reports(folder or Path("no-runs"), lambda: None, [sys.executable, "-m", "brownout", "report"])
    panel = Panel(control, StandLoad(), note, program, reports)
    panels.append(panel)
    control.start()
    server = PanelServer(panel, "127.0.0.1", 0, TOKEN, ("panel.example",))
    url = f"http://127.0.0.1:{server.port}/panel"
    address |= {"BROWNOUT_PANEL": url, "BROWNOUT_PANEL_TOKEN": TOKEN}
    if folder:
        gevent.spawn(measure, panel)
        for _, one in fleet[:1]:
            gevent.spawn(ask_for_good, one.url)
    print(url, flush=True)
    gevent.get_hub().threadpool.apply(sys.stdin.read)
    panel.experiments.stop("harness")
    control.stop()
    server.stop()
    for one, _ in fleet:
        one.stop(timeout=1)


if __name__ == "__main__":
    main()
