"""`python -m bench.panel`: how fast what is set reaches every replica, and whether one transition is lost.

`apply_ratio` is the median time of a PUT to the panel, which answers when the last of 4 backends has
confirmed, over the median of one bare PUT of the same document to one of them, both on kept connections.
Transitions are forced by failing calls through breakers that open at the first failure; they flap on while
the panel's Control is stopped and a new one started, twice. The lag is that of transitions during which a
Control listened, from the moment at which the replica logged them. `restart_gap_ms` is the time from a killed
backend's being ready again until it has confirmed the faults. `rps_ratio` is Locust's throughput with the
panel open in 3 event streams over that without it, in turns within one process, as in `bench.recorder`.
"""

from __future__ import annotations

from gevent import monkey

monkey.patch_all()

# ruff: noqa: E402 - the panel runs in Locust's process, which is patched before anything else is imported
import http.client
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import gevent
import msgspec

from bench.figures import Figures, main
from bench.panel_throughput import throughput
from bench.panel_transitions import DEADLINE_S, ERRORS, controlling, transitions
from brownout_fleet.config import FleetConfig, Supervision
from brownout_fleet.launch import FleetProcess, new_token
from brownout_fleet.model import Replica
from brownout_panel.control import Control
from brownout_panel.errors import LoadRefusedError
from brownout_panel.model import Load, LoadShape
from brownout_panel.panel import Panel
from brownout_panel.program import Program
from brownout_panel.reports import Reports
from brownout_panel.serve import PanelServer

BARS = {
    "apply_ratio": "≤ 10",
    "apply_p99_ms": "aim 50",
    "transition_lag_p99_ms": "aim 300",
    "transitions_lost": "0",
    "restart_gap_ms": "≤ 1000",
    "rps_ratio": "≥ 0.97",
}
BACKENDS = 4
SETS = 200
TOKEN = "bench"  # noqa: S105 - nobody else is there


def measure() -> Figures:
    """Times from a set to the last replica, and transitions lost, with 4 backends and 2 clients."""
    with tempfile.TemporaryDirectory() as logs:
        config = FleetConfig(
            token=new_token(),
            log_dir=logs,
            backends=BACKENDS,
            clients=2,
            client_port=0,
            backend_port=0,
            supervision=Supervision(restart_delay_s=0.5),
        )
        with FleetProcess(config) as fleet:
            return {
                **applying(fleet),
                **restarting(fleet),
                **transitions(fleet),
                **throughput(fleet, Path(logs)),
            }


def applying(fleet: FleetProcess) -> Figures:
    """Milliseconds of PUTs to the panel, and the ratio to one round trip to one replica."""
    bare_way = http.client.HTTPConnection(*fleet.client.replicas("backend")[0].address, timeout=5)
    times, bare = [], []
    with serving(fleet) as (control, way), closing(way), closing(bare_way):
        for number in range(SETS):  # in turn, since what else the machine does changes both
            document = {"faults": [{"kind": "error", "rate": number / SETS}], "seed": number}
            took_ms, answer = put_ms(way, "/panel/api/faults", document)
            assert answer["applied"] == answer["of"] == BACKENDS
            times.append(took_ms)
            made = control.faults
            known = {"faults": made.faults, "seed": made.seed, "lease_s": made.lease_s}
            bare.append(put_ms(bare_way, "/faults", {**known, "revision": made.revision})[0])
    percentiles = quantiles(times, n=100)
    return {
        "apply_p99_ms": percentiles[98],
        "apply_p50_ms": median(times),
        "apply_ratio": median(times) / median(bare),
        "round_trip_p50_ms": median(bare),
    }


@contextmanager
def serving(fleet: FleetProcess) -> Iterator[tuple[Control, http.client.HTTPConnection]]:
    """A panel of this fleet on a port of its own, and a connection to it."""
    with controlling(fleet) as control, tempfile.TemporaryDirectory() as folder:
        program = Program([], lambda: None, dict)
        panel = Panel(control, NoLoad(), _nobody, program, Reports(Path(folder), lambda: None, []))
        server = PanelServer(panel, "127.0.0.1", 0, TOKEN, ())
        try:
            yield control, http.client.HTTPConnection("127.0.0.1", server.port, timeout=5)
        finally:
            server.stop()


class NoLoad:
    """There is no load beside what is measured."""

    def view(self) -> Load:
        return Load(state="missing", host=None, users=0, settings={})

    def shapes(self) -> list[LoadShape]:
        return []

    def start(self, _settings: object) -> Load:
        raise LoadRefusedError("there is none")

    def stop(self) -> Load:
        return self.view()


def put_ms(way: http.client.HTTPConnection, path: str, document: object) -> tuple[float, Any]:
    """How long a PUT took until its answer was read, and the answer."""
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {TOKEN}"}
    body = msgspec.json.encode(document)
    started = time.perf_counter()
    way.request("PUT", path, body, headers)
    with way.getresponse() as response:
        text = response.read()
        took_ms = (time.perf_counter() - started) * 1000
        assert response.status == 200, text
    return took_ms, msgspec.json.decode(text)


def _nobody(*_: object, **__: object) -> None:
    """Notes are kept by nobody here."""


def restarting(fleet: FleetProcess) -> Figures:
    """The longest of three gaps between a backend's being ready again and its having the faults."""
    gaps = []
    with controlling(fleet) as control:
        control.set_faults({"faults": ERRORS}, "api")
        for _ in range(3):
            victim = control.kill("backend-0", "api")
            gaps.append(await_gap(control, victim))
    return {"restart_gap_ms": max(gaps)}


def await_gap(control: Control, victim: Replica) -> float:
    """The gap of the life after this one."""
    with gevent.Timeout(DEADLINE_S):
        while True:
            view = next(one for one in control.views() if one.replica.name == victim.name)
            if view.replica.uid != victim.uid and view.restart_gap_ms is not None:
                return view.restart_gap_ms
            gevent.sleep(0.01)


if __name__ == "__main__":
    main(measure, BARS)
