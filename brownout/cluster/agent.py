"""The agent in the master's pod: waits for an order, runs it, and hands out the run folder.

It listens on the pod's loopback, where a port-forward comes out, and knows of the run's token only its
SHA-256, until the first request brings the token itself. Whoever gave the order is heard from each second;
after LEASE_S of silence the load ends, so that it never outlives who wanted it.
"""

from __future__ import annotations

import hmac
import threading
import time
from pathlib import Path
from typing import Any

import msgspec

from brownout.cluster.order import Order, RunProgress, RunState, key_of
from brownout.locust_process import LOCUSTFILE, LocustProcess
from brownout.run import Settings, arguments
from brownout_chaos.files import ExperimentFile, hand_over
from brownout_fleet.builtin_kinds import KUBERNETES
from brownout_fleet.config import FleetConfig
from brownout_fleet.launch import FleetProcess
from brownout_fleet.model import FleetError
from brownout_panel.panel_address import TOKEN_VARIABLE

LEASE_S = 60.0
"""The run is abandoned after this long without a request; a broken port-forward is mended in seconds."""

TICK_S = 0.5
OUTPUT_LIMIT = 65_536
"""Most characters of Locust's output in an answer."""

WORKERS_S = 120
"""Time for the workers to connect, once they run."""


class BusyError(Exception):
    """The agent has an order already."""


class Agent:
    """One run. The HTTP server's threads ask, the main thread works."""

    def __init__(
        self, key: str, work: Path, panel_port: int, locust_port: int, lease_s: float = LEASE_S
    ) -> None:
        self._lease_s = lease_s
        self._key = key
        self._work = work
        self._panel_port = panel_port
        self._locust_port = locust_port
        self._lock = threading.Lock()
        self._ordered = threading.Event()
        self._order: Order | None = None
        self._token = ""
        self._locust: LocustProcess | None = None
        self._state: RunState = "waiting"
        self._lines: list[bytes] = []
        self._folder: Path | None = None
        self._experiment: Path | None = None
        self._code = 0
        self._output = ""
        self._heard_at = time.monotonic()
        self._stopping = False

    # What the HTTP server asks.

    def knows(self, token: str) -> bool:
        """Return whether this is the run's token."""
        if not hmac.compare_digest(key_of(token), self._key):
            return False
        self._token = token
        self._heard_at = time.monotonic()
        return True

    def take(self, order: Order) -> None:
        """Accept the order. Raises BusyError if there is one already."""
        with self._lock:
            if self._order is not None:
                raise BusyError
            self._order = order
        self._ordered.set()

    def progress(self, since: int) -> RunProgress:
        """Return the state, and the progress lines from number `since` on."""
        with self._lock:
            lines = [msgspec.Raw(line) for line in self._lines[since:]]
            locust = self._locust
            return RunProgress(
                self._state,
                lines,
                panel=locust is not None and locust.panel is not None,
                experiment=str(self._experiment) if self._experiment else None,
                folder=self._folder.name if self._folder else None,
                code=self._code,
                output=self._output,
            )

    def stop(self, at_once: bool) -> None:
        """End the load, gently or at once."""
        self._stopping = True
        if locust := self._locust:
            locust.kill() if at_once else locust.stop_gently()

    @property
    def folder(self) -> Path | None:
        """The run folder, once nobody writes to it any more."""
        return self._folder if self._state == "ended" else None

    # The main thread.

    def serve(self) -> None:
        """Wait for an order, carry it out, and stay until no requests come any more."""
        self._await_lease(self._ordered.is_set)
        if self._order is None:
            return
        watcher = threading.Thread(target=self._end_without_lease, daemon=True)
        watcher.start()
        try:
            self._run(self._order)
        except FleetError as error:
            self._output, self._state = str(error), "failed"
        self._await_lease(lambda: False)

    def _run(self, order: Order) -> None:
        self._state = "starting"
        variables = {TOKEN_VARIABLE: self._token}
        if order.experiment:
            name, document = order.experiment
            self._experiment = Path(name)
            variables |= hand_over(ExperimentFile(self._experiment, document), self._work)
        log = self._work / "locust.log"
        with FleetProcess(self._fleet(order)) as fleet:
            command = arguments(self._settings(order), order.target)
            with LocustProcess(command, log, fleet, variables) as locust:
                self._locust, self._state = locust, "running"
                if self._stopping:
                    locust.stop_gently()
                self._follow(locust)
                self._code = locust.wait()
            self._output, self._state = locust.output()[-OUTPUT_LIMIT:], "ended"

    def _follow(self, locust: LocustProcess) -> None:
        for line in locust.progress():
            if "folder" in line:
                self._folder = Path(line["folder"])
                continue
            with self._lock:
                self._lines.append(msgspec.json.encode(line))

    def _settings(self, order: Order) -> Settings:
        given = order.locustfile
        more: list[Any] = [
            *order.locust,
            *("--brownout-panel-port", self._panel_port),
            *("--master", "--master-bind-port", self._locust_port),
            *("--expect-workers", order.workers, "--expect-workers-max-wait", WORKERS_S),
        ]
        return Settings(
            locust=[str(part) for part in more],
            label=order.label,
            run_time_s=order.run_time_s,
            out=self._work / "runs",
            locustfile=self._keep("locustfile", "locustfile.py", given) if given else LOCUSTFILE,
        )

    def _fleet(self, order: Order) -> FleetConfig:
        return FleetConfig(
            token=self._token,
            log_dir=str(self._work / "fleet"),
            kind=KUBERNETES.name,
            client_port=0,
            backend_port=0,
            settings={
                "client_selector": order.client_selector,
                "backend_selector": order.backend_selector,
                "port": order.port,
            },
        )

    def _keep(self, folder: str, name: str, content: str) -> Path:
        path = self._work / folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
        return path

    def _await_lease(self, done: Any) -> None:
        while not done() and time.monotonic() - self._heard_at < self._lease_s:
            self._ordered.wait(TICK_S) if not self._ordered.is_set() else time.sleep(TICK_S)

    def _end_without_lease(self) -> None:
        self._await_lease(lambda: self._state in ("ended", "failed"))
        if self._state not in ("ended", "failed"):
            self.stop(at_once=False)
