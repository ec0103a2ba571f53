"""`python -m bench.panel`: how fast what is set reaches every replica, and whether one transition is lost.

`apply_ratio` compares the median time from a set until the last of 4 backends has confirmed it with the
median of one bare PUT of the same document to one of them, over a connection that is kept. Transitions are
forced by failing calls through breakers that open at the first failure; they flap on while the panel's
Control is stopped and a new one started, twice. The lag is of those that happened while a Control listened,
from the moment that the replica logged. `restart_gap_ms` is from a killed backend's being ready again until
it has confirmed the faults. `rps_ratio` is Locust's throughput with the panel open in 3 event streams over
without the panel.
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

import gevent
import msgspec
import requests

from bench import load, views
from bench.figures import Figures, main
from panel import whereabouts
from panel.control import Control
from panel.model import Faults, ReplicaView, Standing, Transition
from services.fleet.config import FleetConfig, Supervision
from services.fleet.launch import FleetProcess, new_token
from services.fleet.model import Replica
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
LOCUSTFILE = Path(__file__).parent / "locustfiles" / "measured.py"
TURNS = (False, True, True, False, False, True)
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
    """From a set to the last of 4 replicas confirming, and the same as a ratio to one round trip to one."""
    connection = http.client.HTTPConnection(*fleet.client.replicas("backend")[0].address, timeout=5)
    times, bare = [], []
    with controlling(fleet) as control, closing(connection):
        for number in range(SETS):  # in turn, since what else the machine does changes both
            document = {"faults": [{"kind": "error", "rate": number / SETS}], "seed": number}
            started = time.perf_counter()
            faults = control.set_faults(document, "api")
            times.append((time.perf_counter() - started) * 1000)
            assert all(one.held and one.held.standing is Standing.APPLIED for one in backends(control))
            bare.append(round_trip_ms(connection, faults))
    percentiles = quantiles(times, n=100)
    return {
        "apply_p99_ms": percentiles[98],
        "apply_p50_ms": median(times),
        "apply_ratio": median(times) / median(bare),
        "round_trip_p50_ms": median(bare),
    }


def backends(control: Control) -> list[ReplicaView]:
    """The four."""
    views = [one for one in control.views() if one.replica.service == "backend"]
    assert len(views) == BACKENDS
    return views


def round_trip_ms(connection: http.client.HTTPConnection, wanted: Faults) -> float:
    """One bare PUT of the document that the replica has: it only renews the lease."""
    body = msgspec.json.encode(
        {"faults": wanted.faults, "seed": wanted.seed, "revision": wanted.revision, "lease_s": wanted.lease_s}
    )
    started = time.perf_counter()
    connection.request("PUT", "/faults", body, {"Content-Type": "application/json"})
    with connection.getresponse() as response:
        response.read()
        assert response.status == 200
    return (time.perf_counter() - started) * 1000


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
    runs: dict[bool, list[dict[str, float]]] = {True: [], False: []}
    with serve(views.UPSTREAM) as target:
        load.pin(target.process.pid, 1)
        for number, with_panel in enumerate(TURNS):
            out = folder / str(number)
            out.mkdir()
            runs[with_panel].append(locust(fleet, target.url, out, with_panel))
    pairs = list(zip(runs[True], runs[False], strict=True))
    return {
        "rps_ratio": median(_rate(one, "cpu_s") / _rate(other, "cpu_s") for one, other in pairs),
        "rps_ratio_by_clock": median(_rate(one, "seconds") / _rate(other, "seconds") for one, other in pairs),
    }


def _rate(run: dict[str, float], per: str) -> float:
    return run["requests"] / run[per]


def locust(fleet: FleetProcess, url: str, out: Path, with_panel: bool) -> dict[str, float]:
    """One run of Locust beside this fleet: requests, seconds and processor seconds of its steady part."""
    options = ["--headless", "-u", "20", "-r", "20", "--only-summary", "--loglevel", "ERROR"]
    panel = ["--panel-port", "0"] if with_panel else []
    environ = {
        **os.environ,
        "BROWNOUT_FLEET_URL": fleet.up.api,
        "BROWNOUT_FLEET_TOKEN": fleet.token,
        whereabouts.FOLDER_VARIABLE: str(out / "state"),
    }
    command = [sys.executable, "-m", "locust", "-f", str(LOCUSTFILE), "-H", url, "--out", str(out / "runs")]
    with subprocess.Popen(
        [*command, *options, *panel], env=environ, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        load.pin(process.pid, 0)
        readers = [gevent.spawn(read_stream, out / "state") for _ in range(STREAMS if with_panel else 0)]
        try:
            printed, _ = process.communicate(timeout=DEADLINE_S)
        finally:
            process.kill()
            gevent.joinall(readers, timeout=5)
    assert all(reader.value for reader in readers), "each stream must have brought events"
    result: dict[str, float] = json.loads(printed)
    return result


def read_stream(state: Path) -> int:
    """Read a panel's event stream to its end, as a page does; the number of lines."""
    with gevent.Timeout(DEADLINE_S):
        while not (found := whereabouts.find(state)):
            gevent.sleep(0.05)
        headers = {"Authorization": f"Bearer {found[0].token}"}
        lines = 0
        with suppress(requests.RequestException):
            url = f"{found[0].url.rstrip('/')}/api/stream"
            with requests.get(url, headers=headers, stream=True, timeout=10) as response:
                response.raise_for_status()
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
