"""`python -m bench.forward`: what the forwarder carries, how it spreads, and what a kill costs.

`capacity_ratio` compares requests per second of processor time: the forwarder's with a trivial upstream, and
one client replica's. That is what each would carry on a core of its own; with two cores the callers and the
upstream would otherwise be what is measured. The upstream is reached as the local fleet's forwarder reaches
a client replica, by a Unix socket; backends, whose faults include a reset, are reached by TCP, and
`capacity_ratio_over_tcp` is the same over that. The rates by the clock are printed beside, and what a relay
carries that does nothing but relay: more than that no forwarder on this loop can reach.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import tempfile
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from statistics import median
from typing import NamedTuple, TypeVar

import msgspec
import requests
import uvloop

from bench import bare_relay, load, views
from bench.figures import Figures, main
from brownout_fleet.config import FleetConfig
from brownout_fleet.forwarder import Forwarder, listening_sockets
from brownout_fleet.launch import FleetProcess, new_token
from brownout_fleet.model import Replica, ReplicaPhase
from brownout_fleet.roster import Roster
from tests.servers import gunicorn, serve

BARS = {
    "capacity_ratio": "≥ 40",
    "balance": "≥ 0.8",
    "failed_late": "0",
    "failed_total": "≤ connections_to_killed",
}
T = TypeVar("T")

LATE_S = 1.0
ROUNDS = 12
"""Rounds of capacity, one after the other: a shared machine's speed changes within seconds, where
this was written by a sixth from window to window."""

EVERY = 4
"""The relays that are there to compare with are measured in each fourth round."""

WINDOW_S = 0.4
WARM_UP_S = 0.2


def _forward(replicas: list[Replica], port: multiprocessing.Queue[int]) -> None:
    """A process with a forwarder alone, over these replicas."""

    async def run() -> None:
        roster = Roster()
        for replica in replicas:
            roster.put(replica)
        forwarder = Forwarder("web", roster, listening_sockets(0, "--web-port"))
        await forwarder.start()
        port.put(forwarder.port)
        await asyncio.sleep(60)

    uvloop.run(run())


def bare_process(upstreams: Sequence[str | int], port: multiprocessing.Queue[int]) -> None:
    """A process with a relay to these Unix sockets or ports that does nothing else."""
    uvloop.run(bare_relay.serve(upstreams, port.put))


@contextmanager
def relay_process(
    target: Callable[[list[T], multiprocessing.Queue[int]], None], upstreams: list[T]
) -> Iterator[tuple[str, int]]:
    """URL and process id of a relay over these upstreams, in a process on core 0."""
    context = multiprocessing.get_context("spawn")
    queue = context.Queue()
    process = context.Process(target=target, args=(upstreams, queue), daemon=True)
    process.start()
    try:
        url = f"http://127.0.0.1:{queue.get(timeout=20)}/"
        assert process.pid
        load.pin(process.pid, 0)
        yield url, process.pid
    finally:
        process.kill()
        process.join()


def capacity() -> Figures:
    """Requests per second of processor time: relays of three kinds, each over one client replica's."""
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        paths = [f"{folder}/{index}" for index in range(2)]
        upstreams = [stack.enter_context(serve([*views.UPSTREAM, path])) for path in paths]
        for upstream in upstreams:
            load.pin(upstream.process.pid, 1)
        by_tcp = [
            Replica(f"web-{index}", "web", upstream.url, ReplicaPhase.READY, "1", 0.0)
            for index, upstream in enumerate(upstreams)
        ]
        by_unix = [msgspec.structs.replace(one, socket=path) for one, path in zip(by_tcp, paths, strict=True)]
        relays = {
            "ours": stack.enter_context(relay_process(_forward, by_unix)),
            "over_tcp": stack.enter_context(relay_process(_forward, by_tcp)),
            "bare": stack.enter_context(relay_process(bare_process, paths)),
        }
        env = {"BACKEND_URL": upstreams[0].url}
        client = stack.enter_context(gunicorn("brownout_client.app:create_app()", env=env))
        load.pin(client.process.pid, 0)
        rounds = []
        for number in range(ROUNDS):
            among = relays if number % EVERY == 0 else {"ours": relays["ours"]}
            rates = {name: rates_of(url, pid, callers=100) for name, (url, pid) in among.items()}
            rates["client"] = rates_of(f"{client.url}/fetch", client.process.pid, callers=20)
            rounds.append(rates)

    def over_client(name: str) -> float:
        return median(one[name].per_cpu_s / one["client"].per_cpu_s for one in rounds if name in one)

    return {
        "capacity_ratio": over_client("ours"),
        "capacity_ratio_over_tcp": over_client("over_tcp"),
        "capacity_ratio_of_a_bare_relay": over_client("bare"),
        "forwarder_per_cpu_s": median(one["ours"].per_cpu_s for one in rounds),
        "forwarder_per_s": median(one["ours"].per_s for one in rounds),
        "client_per_cpu_s": median(one["client"].per_cpu_s for one in rounds),
        "client_per_s": median(one["client"].per_s for one in rounds),
    }


class Rates(NamedTuple):
    """Requests per second of a process's own time, and by the clock."""

    per_cpu_s: float
    per_s: float


def rates_of(url: str, pid: int, callers: int, allowed: Collection[int] = (200,)) -> Rates:
    """Requests per second to this URL, which is served by the process; the answers are of these statuses."""
    used = 0.0

    async def watch(_: load.Tally) -> None:
        nonlocal used
        before = load.cpu_seconds(pid)
        await asyncio.sleep(WINDOW_S)
        used = load.cpu_seconds(pid) - before

    tally = load.call(url, callers, WINDOW_S, meanwhile=watch, warm_up_s=WARM_UP_S)
    if not set(tally.statuses) <= set(allowed) or tally.failures:
        raise RuntimeError(f"{url} answered {dict(tally.statuses)}, and {len(tally.failures)} calls failed")
    return Rates(tally.statuses.total() / max(used, 0.01), tally.rate)  # its clock has steps of 10 ms


def kill_under_load() -> Figures:
    """Shares of 100 connections between two client replicas, and the failures when one is killed."""
    with tempfile.TemporaryDirectory() as logs:
        config = FleetConfig(token=new_token(), log_dir=logs, client_port=0, backend_port=0)
        with FleetProcess(config) as fleet:
            url = f"{fleet.up.forwards[0].url}/fetch"
            before = _served(fleet)
            load.call(url, callers=100, seconds=4)
            shares = [count - before[name] for name, count in _served(fleet).items()]
            held = killed_at = 0.0

            async def kill(_: load.Tally) -> None:
                nonlocal held, killed_at
                await asyncio.sleep(1)
                held = (await asyncio.to_thread(fleet.client.forwards))[0].connections["client-0"]
                killed_at = time.monotonic()
                await asyncio.to_thread(fleet.client.kill, "client-0")

            tally = load.call(url, callers=100, seconds=9, meanwhile=kill)
            late = sum(1 for moment in tally.failures if moment - killed_at > LATE_S)
            bad = sum(count for status, count in tally.statuses.items() if status != 200)
            return {
                "balance": min(shares) / max(shares),
                "failed_late": late,
                "failed_total": len(tally.failures),
                "connections_to_killed": int(held),
                "answers_not_ok": bad,
            }


def _served(fleet: FleetProcess) -> dict[str, int]:
    return {
        replica.name: requests.get(f"{replica.url}/status", timeout=5).json()["counters"]["requests"]
        for replica in fleet.client.replicas("client")
    }


def measure() -> Figures:
    """What the forwarder carries, how it spreads connections, and what the kill of a replica costs."""
    kill = kill_under_load()
    load.pin(os.getpid(), 1)
    return {**capacity(), **kill}


if __name__ == "__main__":
    main(measure, BARS)
