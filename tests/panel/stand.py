"""A panel on a real port, without a fleet, for tests.

    python -m tests.panel.stand

prints its URL as a line, and ends when its standard input does.
"""

import gevent
from gevent import monkey

monkey.patch_all()

# ruff: noqa: E402 - what follows must be imported patched
import sys
import time
from typing import Any

from panel.control import Control
from panel.model import Load
from panel.panel import Panel
from panel.serve import PanelServer
from services.fleet.model import FleetError, Replica
from tests.panel.token import TOKEN


class StandLoad:
    """A load that always does what it is told."""

    def __init__(self) -> None:
        self._state: Any = "ready"

    def view(self) -> Load:
        return Load(state=self._state, host=None, users=0, settings={})

    def start(self, _settings: Any) -> Load:
        self._state = "running"
        return self.view()

    def stop(self) -> Load:
        self._state = "stopped"
        return self.view()


def no_fleet(name: str) -> Replica:
    raise FleetError(f'there is no fleet to kill "{name}" in')


def main() -> None:
    panels: list[Panel] = []

    def note(kind: str, **fields: Any) -> None:
        panels[0].heard({"t": "2026-01-01T00:00:00.000Z", "mono": time.monotonic(), "kind": kind, **fields})

    control = Control(list, None, no_fleet, note)
    panels.append(Panel(control, StandLoad(), note))
    control.start()
    server = PanelServer(panels[0], "127.0.0.1", 0, TOKEN, ("panel.example",))
    print(f"http://127.0.0.1:{server.port}/panel", flush=True)
    gevent.get_hub().threadpool.apply(sys.stdin.read)
    control.stop()
    server.stop()


if __name__ == "__main__":
    main()
