"""`python -m bench.portforward`: what the port-forward carries, what it leaves behind, what a kill costs.

Against a fake API server (tests/k8s) in a process of its own. `capacity_ratio` compares requests per second
of processor time: the fleet process's, which relays 50 connections to two pods through websockets, and one
client replica's; see bench/forward.py for why. `leak` and `rss_growth` are of the fleet process's descriptors
and memory.
"""

from __future__ import annotations

import asyncio
import os
import socket
import tempfile
import time
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import cast

import psutil
import uvloop

from bench import load, views
from bench.figures import Figures, main
from brownout_fleet.config import FleetConfig
from brownout_fleet.launch import FleetProcess, new_token
from tests.k8s.documents import write_kubeconfig
from tests.k8s.process import cluster_process
from tests.servers import Server, gunicorn, serve

BARS = {"capacity_ratio": "≥ 10", "leak": "0", "failed_late": "0", "rss_growth": "≤ 0.10"}
LATE_S = 1.0
POOL = 50
SHORT = 20_000
GIGABYTE = 1_000_000_000
REQUEST = b"GET /data HTTP/1.1\r\nHost: bench\r\n\r\n"


def capacity(fleet: FleetProcess, client: Server) -> Figures:
    """Requests per second of processor time: the fleet process over one client replica."""
    url = fleet.up.forwards[0].url + "/data"
    ours, theirs = [], []
    for _ in range(2):
        ours.append(_rates(url, fleet.pid, POOL))
        theirs.append(_rates(f"{client.url}/fetch", client.process.pid, 20))
    (cpu, clock), (client_cpu, client_clock) = max(ours), max(theirs)
    return {
        "capacity_ratio": cpu / client_cpu,
        "forwarder_per_cpu_s": cpu,
        "forwarder_per_s": clock,
        "client_per_cpu_s": client_cpu,
        "client_per_s": client_clock,
    }


def _rates(url: str, pid: int, callers: int) -> tuple[float, float]:
    """Requests per second of the process's own time, and by the clock."""
    load.call(url, callers, 0.3)
    before = load.cpu_seconds(pid)
    tally = load.call(url, callers, 1.2)
    used = load.cpu_seconds(pid) - before
    return tally.statuses.total() / used, tally.rate


def kill(fleet: FleetProcess) -> Figures:
    """Failures when one of two pods is killed under load, and those that came late."""
    killed_at = held = 0.0

    async def strike(_: load.Tally) -> None:
        nonlocal killed_at, held
        await asyncio.sleep(0.5)
        held = (await asyncio.to_thread(fleet.client.forwards))[0].connections["client-a"]
        killed_at = time.monotonic()
        await asyncio.to_thread(fleet.client.kill, "client-a")

    tally = load.call(fleet.up.forwards[0].url + "/data", POOL, 3.0, meanwhile=strike)
    late = sum(1 for moment in tally.failures if moment - killed_at > LATE_S)
    return {
        "failed_late": late,
        "failed_total": len(tally.failures),
        "connections_to_killed": int(held),
        "answers_not_ok": tally.statuses.total() - tally.statuses[200],
    }


def short_connections(fleet: FleetProcess) -> Figures:
    """Descriptors of the fleet process after 20,000 connections of one request each, minus those before."""
    host, port = "127.0.0.1", int(fleet.up.forwards[0].url.rpartition(":")[2])
    process = psutil.Process(fleet.pid)

    async def callers(count: int) -> None:
        loop = asyncio.get_running_loop()

        async def caller() -> None:
            for _ in range(count // POOL):
                one = Once(loop.create_future())
                await loop.create_connection(partial(_same, one), host, port)
                assert await one.status == b"200"

        await asyncio.gather(*(caller() for _ in range(POOL)))

    uvloop.run(callers(POOL))
    before = _settled(process)
    began = time.monotonic()
    uvloop.run(callers(SHORT))
    took_s = time.monotonic() - began
    return {"leak": _settled(process) - before, "short_connections_per_s": SHORT / took_s}


class Once(asyncio.Protocol):
    """One request on a connection of its own, which it ends after the answer."""

    def __init__(self, status: asyncio.Future[bytes]) -> None:
        self.status = status

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._transport.write(REQUEST)

    def data_received(self, data: bytes) -> None:
        self.status.set_result(data[9:12])
        self._transport.close()

    def connection_lost(self, error: Exception | None) -> None:
        if not self.status.done():
            self.status.set_exception(error or ConnectionError("no answer"))


def _same(one: Once) -> Once:
    return one


def _settled(process: psutil.Process) -> int:
    """The number of descriptors once it no longer falls."""
    lowest, since = process.num_fds(), time.monotonic()
    while time.monotonic() - since < 1.0:
        time.sleep(0.05)
        if (now := process.num_fds()) < lowest:
            lowest, since = now, time.monotonic()
    return lowest


def gigabyte(fleet: FleetProcess) -> Figures:
    """Growth of the fleet process's memory while 1 GB passes, after 100 MB to warm up."""
    process = psutil.Process(fleet.pid)
    port = int(fleet.up.forwards[1].url.rpartition(":")[2])
    _read(port, GIGABYTE // 10)
    before, began = process.memory_info().rss, time.monotonic()
    _read(port, GIGABYTE)
    took_s = time.monotonic() - began
    return {
        "rss_growth": process.memory_info().rss / before - 1,
        "megabytes_per_s": GIGABYTE / 1e6 / took_s,
    }


def _read(port: int, size: int) -> None:
    with socket.create_connection(("127.0.0.1", port)) as flood:
        flood.sendall(REQUEST)
        buffer = bytearray(1 << 20)
        left = size
        while left > 0:
            got = flood.recv_into(buffer)
            assert got, "the flood ended early"
            left -= got


def measure() -> Figures:
    """What the port-forward carries, what it leaves behind, and what the kill of a pod costs."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        upstreams = [stack.enter_context(serve(views.UPSTREAM)) for _ in range(2)]
        flood = stack.enter_context(serve(views.FLOOD, ready=None))
        env = {"BACKEND_URL": upstreams[0].url}
        client = stack.enter_context(gunicorn("brownout_client.app:create_app()", env=env))
        pods = [
            ("client-a", "client", ("127.0.0.1", upstreams[0].port)),
            ("client-b", "client", ("127.0.0.1", upstreams[1].port)),
            ("backend-a", "backend", ("127.0.0.1", flood.port)),
        ]
        cluster = stack.enter_context(cluster_process(pods))
        os.environ["KUBECONFIG"] = str(write_kubeconfig(folder / "kubeconfig", cluster.port))
        config = FleetConfig(
            token=new_token(), log_dir=str(folder / "logs"), kind="k8s", client_port=0, backend_port=0
        )
        fleet = stack.enter_context(FleetProcess(config))
        load.pin(os.getpid(), 1)
        for pid in (*(one.process.pid for one in upstreams), cluster.pid):
            load.pin(pid, 1)
        for pid in (fleet.pid, client.process.pid):
            load.pin(pid, 0)
        return {
            **capacity(fleet, client),
            **gigabyte(fleet),
            **short_connections(fleet),
            **kill(fleet),
        }


if __name__ == "__main__":
    main(measure, BARS)
