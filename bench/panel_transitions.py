"""Part of `bench.panel`: whether a transition is lost while one Control ends and the next starts."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from statistics import median, quantiles

import gevent
import requests

from bench.figures import Figures
from brownout_fleet.launch import FleetProcess
from brownout_fleet.model import Replica
from brownout_panel.control import Control
from brownout_panel.model import Transition

TRANSITIONS = 1_000
PAUSE_S = 0.05
"""How long there is no Control between two."""

RESTARTS = 2
SETTLE_S = 0.5
RESET_S = 0.005
FLAPPING = {"preset": "breaker", "breaker": {"fail_max": 1, "reset_timeout_s": RESET_S}}
ERRORS = [{"kind": "error", "rate": 1.0}]
DEADLINE_S = 40.0


@contextmanager
def controlling(fleet: FleetProcess) -> Iterator[Control]:
    """A Control of this fleet, whose notes nobody keeps."""
    control = Control(fleet.client.replicas, fleet.client.watch, fleet.client.kill, lambda *_, **__: None)
    control.start()
    try:
        yield control
    finally:
        control.stop()


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
