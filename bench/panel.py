"""`python -m bench.panel`: how fast what is set reaches every replica, and whether one transition is lost.

`apply_ratio` compares the median time of a PUT to the panel, which answers when the last of 4 backends has
confirmed, with the median of one bare PUT of the same document to one of them, both over connections that are
kept. Transitions are
forced by failing calls through breakers that open at the first failure; they flap on while the panel's
Control is stopped and a new one started, twice. The lag is of those that happened while a Control listened,
from the moment that the replica logged. `restart_gap_ms` is from a killed backend's being ready again until
it has confirmed the faults. `rps_ratio` is Locust's throughput with the panel open in 3 event streams over
without the panel, in turns within one process, as `bench.recorder` has it.
"""

from __future__ import annotations

from gevent import monkey

monkey.patch_all()

# ruff: noqa: E402 - the panel runs in Locust's process, which is patched before anything else is imported
import http.client
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import gevent
import msgspec
import requests

from bench import load, views
from bench.figures import Figures, main
from bench.recorder import ratios
from brownout_fleet.config import FleetConfig, Supervision
from brownout_fleet.launch import FleetProcess, new_token
from brownout_fleet.model import Replica
from brownout_panel import whereabouts
from brownout_panel.control import Control
from brownout_panel.errors import LoadRefusedError
from brownout_panel.model import Load, Transition
from brownout_panel.panel import Panel
from brownout_panel.program import Program
from brownout_panel.results import Results
from brownout_panel.serve import PanelServer
from tests.servers import serve

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
TRANSITIONS = 1_000
PAUSE_S = 0.05
"""How long there is no Control between two."""

RESTARTS = 2
SETTLE_S = 0.5
RESET_S = 0.005
FLAPPING = {"preset": "breaker", "breaker": {"fail_max": 1, "reset_timeout_s": RESET_S}}
ERRORS = [{"kind": "error", "rate": 1.0}]
DEADLINE_S = 40.0
LOCUSTFILE = Path(__file__).parent / "locustfiles" / "paneled.py"
THROUGHPUT_S = 120.0
TOKEN = "bench"  # noqa: S105 - nobody else is there
STREAMS = 3


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


@contextmanager
def controlling(fleet: FleetProcess) -> Iterator[Control]:
    """A Control of this fleet, whose notes nobody keeps."""
    control = Control(fleet.client.replicas, fleet.client.watch, fleet.client.kill, lambda *_, **__: None)
    control.start()
    try:
        yield control
    finally:
        control.stop()


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
        panel = Panel(control, NoLoad(), _nobody, program, Results(Path(folder), lambda: None, []))
        server = PanelServer(panel, "127.0.0.1", 0, TOKEN, ())
        try:
            yield control, http.client.HTTPConnection("127.0.0.1", server.port, timeout=5)
        finally:
            server.stop()


class NoLoad:
    """There is no load beside what is measured."""

    def view(self) -> Load:
        return Load(state="missing", host=None, users=0, settings={})

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


def transitions(fleet: FleetProcess) -> Figures:
    """Transitions of two clients that no Control heard, or one missed between others, and how late they came.

    The breakers flap on while a Control is stopped and the next one started.
    """
    clients = fleet.client.replicas("client")
    for backend in fleet.client.replicas("backend"):
        put(backend, "/faults", {"faults": ERRORS})
    for client in clients:
        put(client, "/policy", FLAPPING)
    lags: list[float] = []
    heard: set[tuple[str, int]] = set()
    gaps = 0
    flapping = [gevent.spawn(flap, client, TRANSITIONS // len(clients)) for client in clients]
    for restarts in range(RESTARTS + 1):
        with controlling(fleet) as control:
            control.changed.append(_listener(lags))
            until_made(clients, TRANSITIONS * (restarts + 1) // (RESTARTS + 1) // len(clients))
            if restarts == RESTARTS:
                gevent.joinall(flapping, raise_error=True)
                gevent.sleep(SETTLE_S)
        told = [(one.boot_id, one.seq) for one in control.transitions()]
        assert len(set(told)) == len(told), "a transition was told twice"
        gaps += sum(one.missed for one in control.transitions())
        heard.update(told)
        gevent.sleep(PAUSE_S)
    made = {(boot, number) for boot, latest in map(latest_of, clients) for number in range(1, latest + 1)}
    return {
        "transitions_lost": len(made - heard) + gaps,
        "transitions_made": len(made),
        "transition_lag_p99_ms": quantiles(lags, n=100)[98],
        "transition_lag_p50_ms": median(lags),
        "transitions_heard_live": len(lags),
    }


def throughput(fleet: FleetProcess, folder: Path) -> Figures:
    """Requests per processor second, and per second: Locust with the panel in 3 event streams over without.

    Per processor second as in `bench.recorder`: the streams' readers and the target share the machine.
    """
    with serve(views.UPSTREAM) as target:
        load.pin(target.process.pid, 1)
        slices = locust(fleet, target.url, folder)
    found = ratios(slices, "cpu_s")
    return {
        "rps_ratio": median(found),
        "rps_ratio_spread": (quantiles(found)[2] - quantiles(found)[0]) / 2,
        "rps_ratio_by_clock": median(ratios(slices, "seconds")),
    }


def locust(fleet: FleetProcess, url: str, folder: Path) -> list[dict[str, float]]:
    """One run of Locust beside this fleet, with a panel in half of its slices of time."""
    environ = {
        **os.environ,
        "BROWNOUT_FLEET_URL": fleet.up.api,
        "BROWNOUT_FLEET_TOKEN": fleet.token,
        "BENCH_OUT": str(folder / "runs"),
        "BENCH_STREAMS": str(STREAMS),
        whereabouts.FOLDER_VARIABLE: str(folder / "state"),
    }
    command = [sys.executable, "-m", "locust", "-f", str(LOCUSTFILE), "-H", url, "--headless", "-u", "20"]
    with subprocess.Popen(
        [*command, "-r", "20", "--only-summary", "--loglevel", "ERROR"],
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        load.pin(process.pid, 0)
        readers = [gevent.spawn(keep_reading, folder / "state", process) for _ in range(STREAMS)]
        try:
            printed, _ = process.communicate(timeout=THROUGHPUT_S)
        finally:
            process.kill()
            gevent.joinall(readers, timeout=5)
    assert all(reader.value for reader in readers), "each stream must have brought events"
    slices: list[dict[str, float]] = json.loads(printed)
    return slices


def keep_reading(state: Path, process: subprocess.Popen[bytes]) -> int:
    """Read each panel's event stream to its end, as a page does, while Locust runs; the number of lines."""
    lines = 0
    while process.poll() is None:
        if not (found := whereabouts.find(state)):
            gevent.sleep(0.02)
            continue
        headers = {"Authorization": f"Bearer {found[0].token}"}
        with suppress(requests.RequestException):
            url = f"{found[0].url}/api/stream"
            with requests.get(url, headers=headers, stream=True, timeout=10) as response:
                for _ in response.iter_lines():
                    lines += 1
    return lines


def put(replica: Replica, path: str, document: object) -> None:
    """Put a document at one replica, past the panel."""
    requests.put(replica.url + path, json=document, timeout=5).raise_for_status()


def latest_of(client: Replica) -> tuple[str, int]:
    """The client's boot and the number of its last transition, by its own word."""
    answer = requests.get(f"{client.url}/breaker", timeout=5).json()
    return answer["boot_id"], answer["seq"]


def flap(client: Replica, count: int) -> None:
    """Call until the breaker has made so many transitions."""
    with requests.Session() as session, gevent.Timeout(DEADLINE_S):
        while latest_of(client)[1] < count:
            for _ in range(10):
                session.get(f"{client.url}/fetch", timeout=5)
                gevent.sleep(RESET_S)


def until_made(clients: list[Replica], count: int) -> None:
    """Wait until each client has made so many transitions."""
    with gevent.Timeout(DEADLINE_S):
        while any(latest_of(client)[1] < count for client in clients):
            gevent.sleep(0.05)


def _listener(lags: list[float]) -> Callable[[str, object], None]:
    """Notes how late a Control tells of what happens from now on, in milliseconds."""
    since = time.time()

    def listen(_what: str, value: object) -> None:
        if isinstance(value, Transition) and value.at > since:
            lags.append((time.time() - value.at) * 1000)

    return listen


if __name__ == "__main__":
    main(measure, BARS)
