"""`python -m bench.fetch`: what the client's policy costs, and what it gives.

The client replica has core 0 to itself; the callers and the backend share core 1. Both sides of a ratio run
in turn (A B B A …) against the same backend; the ratio is the median over the pairs.
"""

from __future__ import annotations

import os
from contextlib import ExitStack
from statistics import median

import requests

from bench import load, views
from bench.figures import Figures, main
from tests.servers import Server, gunicorn, serve

CLIENT = "brownout_client.app:create_app()"
BACKEND = "brownout_backend.app:create_app()"
SERVER = "brownout_client.server"

BARS = {
    "healthy_ratio": "≥ 0.90",
    "latency_ratio": "≥ 0.90",
    "open_ratio": "≥ 0.80",
    "full_ok": "≥ 0.99",
    "outage_amplification": "≤ 1.6",
}


def on_core(server: Server, core: int) -> Server:
    """Pin a server; returns it."""
    load.pin(server.process.pid, core)
    return server


def alternate(ours: str, theirs: str, pairs: int, seconds: float, callers: int = 20) -> float:
    """Median ratio of the throughputs of two URLs, measured in turn."""
    for url in (ours, theirs):
        load.call(url, callers, 0.5)  # warm up
    ratios = []
    for index in range(pairs):
        order = (ours, theirs) if index % 2 == 0 else (theirs, ours)
        rates = {url: load.call(url, callers, seconds).rate for url in order}
        ratios.append(rates[ours] / rates[theirs])
    return median(ratios)


def set_policy(client: Server, preset: str, **changes: object) -> None:
    """Switch the client's policy to a preset, with changes laid over it."""
    requests.put(f"{client.url}/policy", json={"preset": preset, **changes}, timeout=5).raise_for_status()


def set_faults(backend: Server, *faults: dict[str, object]) -> None:
    """Set the backend's faults; seeded, so that every run injects the same."""
    document = {"faults": list(faults), "seed": 1}
    requests.put(f"{backend.url}/faults", json=document, timeout=5).raise_for_status()


def costs() -> Figures:
    """The policy beside bare views, with a backend that costs next to nothing."""
    with ExitStack() as stack:
        upstream = on_core(stack.enter_context(serve(views.UPSTREAM)), 1)
        env = {"BACKEND_URL": upstream.url, "POLICY": "lab"}
        client = on_core(stack.enter_context(gunicorn(CLIENT, env=env)), 0)
        bare = on_core(
            stack.enter_context(gunicorn("bench.views:create_app()", config=SERVER, env=env, ready=None)), 0
        )
        healthy = alternate(f"{client.url}/fetch", f"{bare.url}/bare", pairs=7, seconds=0.9)
        upstream.process.kill()
        set_policy(client, "breaker", breaker={"reset_timeout_s": 600})  # lab's 15 s would end in between
        load.call(f"{client.url}/fetch", 5, 1)
        state = requests.get(f"{client.url}/status", timeout=5).json()["circuit_state"]
        assert state == "open", state
        opened = alternate(f"{client.url}/fetch", f"{bare.url}/constant", pairs=5, seconds=0.7)
        return {"healthy_ratio": healthy, "open_ratio": opened}


def gains() -> Figures:
    """The client under faults, with the real backend."""
    with ExitStack() as stack:
        backend = on_core(stack.enter_context(gunicorn(BACKEND)), 1)
        client = on_core(stack.enter_context(gunicorn(CLIENT, env={"BACKEND_URL": backend.url})), 0)
        fetch = f"{client.url}/fetch"

        set_faults(backend, {"kind": "latency", "rate": 1.0, "ms": 200})
        slow = load.call(fetch, callers=100, seconds=4, warm_up_s=1)

        set_policy(client, "full")
        set_faults(backend, {"kind": "error", "rate": 0.3, "status": 503})
        failing = load.call(fetch, callers=50, seconds=3)

        set_faults(backend, {"kind": "error", "rate": 1.0, "status": 503})
        amplification = {}
        for preset in ("full", "retry"):
            set_policy(client, preset)
            before = counters(client)
            load.call(fetch, callers=50, seconds=3)
            after = counters(client)
            attempts = after["attempts"] - before["attempts"]
            amplification[preset] = attempts / (after["requests"] - before["requests"])
        return {
            "latency_ratio": slow.statuses[200] / slow.seconds / 500,
            "full_ok": failing.statuses[200] / failing.statuses.total(),
            "outage_amplification": amplification["full"],
            "outage_amplification_retry": amplification["retry"],
        }


def counters(client: Server) -> dict[str, int]:
    """The client's counters."""
    result: dict[str, int] = requests.get(f"{client.url}/status", timeout=5).json()["counters"]
    return result


def measure() -> Figures:
    """What the client's policy costs, and what it gives."""
    load.pin(os.getpid(), 1)
    return {**costs(), **gains()}


if __name__ == "__main__":
    main(measure, BARS)
