"""`brownout demo`: what users see while the backend is healthy, failing, slow, and down."""

from __future__ import annotations

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from statistics import quantiles
from typing import Any, NamedTuple

import requests
from rich import box
from rich.console import Console
from rich.table import Table

from brownout.up import url_table
from services.fleet.config import FleetConfig
from services.fleet.launch import FleetProcess

CALLERS = 8
PHASE_S = 4.0
TIMEOUT_S = 10.0
POLICY = "full"

PHASES: list[tuple[str, list[dict[str, Any]]]] = [
    ("healthy", []),
    ("30 % errors", [{"kind": "error", "rate": 0.3, "status": 503}]),
    ("200 ms slower", [{"kind": "latency", "ms": 200, "jitter_ms": 50, "distribution": "normal"}]),
    ("outage", [{"kind": "error", "rate": 1.0, "status": 503}]),
    ("healthy again", []),
]


class Answer(NamedTuple):
    """What one request got, and after how many milliseconds."""

    outcome: str
    ms: float


def run(config: FleetConfig) -> None:
    """Start a fleet, let callers fetch through every phase, and print what they got."""
    console = Console()
    with console.status("starting replicas"):
        fleet = FleetProcess(config)
    with fleet:
        console.print(url_table(fleet))
        put_each(fleet, "client", "/policy", {"preset": POLICY})
        console.print(f"{CALLERS} callers fetch for {PHASE_S:g} s in each phase; policy: {POLICY}\n")
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
        for heading in (
            "backend",
            "requests/s",
            "ok",
            "fallback",
            "error",
            "p50 ms",
            "p95 ms",
            "attempts/request",
        ):
            table.add_column(heading, justify="left" if heading == "backend" else "right")
        for name, faults in PHASES:
            with console.status(f"backend: {name}"):
                put_each(fleet, "backend", "/faults", {"faults": faults, "seed": 1, "lease_s": 30})
                table.add_row(name, *phase_row(fleet))
        console.print(table)
        console.print("stopping; start it for yourself with: brownout up")


def put_each(fleet: FleetProcess, service: str, path: str, document: dict[str, Any]) -> None:
    """PUT a document to every replica of a service: through the stable port it would reach only one."""
    for replica in fleet.client.replicas(service):
        requests.put(replica.url + path, json=document, timeout=TIMEOUT_S).raise_for_status()


def phase_row(fleet: FleetProcess) -> list[str]:
    """Fetch for one phase; the cells of its row."""
    before = counters(fleet)
    url = f"{fleet.up.forwards[0].url}/fetch"
    with ThreadPoolExecutor(CALLERS) as pool:
        answers = [a for caller in pool.map(fetch_for, [url] * CALLERS, [PHASE_S] * CALLERS) for a in caller]
    made = counters(fleet) - before
    outcomes = Counter(answer.outcome for answer in answers)
    percentiles = quantiles([answer.ms for answer in answers], n=100)
    shares = [f"{outcomes[kind] / len(answers):.1%}" for kind in ("ok", "fallback", "error")]
    amplification = made["attempts"] / made["requests"]
    rate = len(answers) / PHASE_S
    return [
        f"{rate:.0f}",
        *shares,
        f"{percentiles[49]:.0f}",
        f"{percentiles[94]:.0f}",
        f"{amplification:.2f}",
    ]


def fetch_for(url: str, seconds: float) -> list[Answer]:
    """One caller: the next request follows each answer."""
    answers = []
    deadline = time.monotonic() + seconds
    with closing(requests.Session()) as session:
        session.trust_env = False
        while (started := time.monotonic()) < deadline:
            try:
                outcome = str(session.get(url, timeout=TIMEOUT_S).json()["status"])
            except (requests.RequestException, ValueError, KeyError):
                outcome = "error"
            answers.append(Answer(outcome, (time.monotonic() - started) * 1000))
    return answers


def counters(fleet: FleetProcess) -> Counter[str]:
    """The clients' counters, added up."""
    total: Counter[str] = Counter()
    for replica in fleet.client.replicas("client"):
        status = requests.get(f"{replica.url}/status", timeout=TIMEOUT_S).json()
        total.update({name: status["counters"][name] for name in ("requests", "attempts")})
    return total
