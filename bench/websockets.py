"""`python -m bench.websockets`: why the port-forward has a websocket codec of its own.

The same 50 keep-alive connections through the port-forward (brownout_k8s.tunnel behind the forwarder) and
through the barest relay that can be written on aiohttp's websocket: streams on one side, `receive` on the
other, nothing that counts, spreads or notices. Requests per second of processor time, measured in turn.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import tempfile
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import Any

import aiohttp
import uvloop

from bench import load, views
from bench.figures import Figures, main
from brownout_fleet.forwarder import Forwarder, listening_sockets
from brownout_fleet.model import Replica, ReplicaPhase
from brownout_fleet.roster import Roster
from brownout_k8s.access import Credentials
from brownout_k8s.handshake import PROTOCOL
from brownout_k8s.tunnels import Tunnels
from tests.k8s.documents import NAMESPACE, PORT, TOKEN, write_kubeconfig
from tests.k8s.process import cluster_process
from tests.servers import serve

BARS = {"ratio": "≥ 1.5"}
POOL = 50
PAIRS = 5


def relay_ours(kubeconfig: str, _server: str, port: multiprocessing.Queue[int]) -> None:
    """The port-forward."""

    async def run() -> None:
        credentials = Credentials(kubeconfig=kubeconfig)
        await credentials.open()
        tunnels = Tunnels(credentials, NAMESPACE, lambda _pod, _reason: None)
        roster = Roster()
        roster.connect = lambda upstream, replica: tunnels.connect(upstream, replica.name, PORT)
        roster.put(Replica("web-a", "web", "http://127.0.0.1:1", ReplicaPhase.READY, "1", 0.0))
        forwarder = Forwarder("web", roster, listening_sockets(0, "--web-port"))
        await forwarder.start()
        tunnels.start()
        port.put(forwarder.port)
        await asyncio.sleep(120)

    uvloop.run(run())


def relay_aiohttp(_kubeconfig: str, server: str, port: multiprocessing.Queue[int]) -> None:
    """The bare relay."""
    url = f"{server}/api/v1/namespaces/{NAMESPACE}/pods/web-a/portforward?ports={PORT}"

    async def run() -> None:
        session = aiohttp.ClientSession(headers={"Authorization": f"Bearer {TOKEN}"})

        async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            websocket = await session.ws_connect(url, protocols=[PROTOCOL], max_msg_size=0, compress=0)
            back = asyncio.create_task(backwards(websocket, writer))
            while data := await reader.read(65536):
                await websocket.send_bytes(b"\0" + data)
            await websocket.close()
            await back

        async def backwards(websocket: Any, writer: asyncio.StreamWriter) -> None:
            ports = 2
            async for message in websocket:
                if ports:
                    ports -= 1
                    continue
                writer.write(message.data[1:])
                await writer.drain()

        listener = await asyncio.start_server(accept, "127.0.0.1", 0)
        port.put(listener.sockets[0].getsockname()[1])
        await asyncio.sleep(120)

    uvloop.run(run())


def measure() -> Figures:
    """Requests per second of processor time: the port-forward's over the bare aiohttp relay's."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        upstream = stack.enter_context(serve(views.UPSTREAM))
        cluster = stack.enter_context(cluster_process([("web-a", "web", ("127.0.0.1", upstream.port))]))
        kubeconfig = write_kubeconfig(folder / "kubeconfig", cluster.port)
        context = multiprocessing.get_context("spawn")
        urls, pids = [], []
        for relay in (relay_ours, relay_aiohttp):
            queue = context.Queue()
            arguments = (str(kubeconfig), f"http://127.0.0.1:{cluster.port}", queue)
            process = context.Process(target=relay, args=arguments, daemon=True)
            process.start()
            stack.callback(process.join)
            stack.callback(process.kill)
            assert process.pid
            urls.append(f"http://127.0.0.1:{queue.get(timeout=60)}/")
            pids.append(process.pid)
            load.pin(process.pid, 0)
        for pid in (os.getpid(), cluster.pid, upstream.process.pid):
            load.pin(pid, 1)
        rates = [[_rate(url, pid) for url, pid in zip(urls, pids, strict=True)] for _ in range(PAIRS)]
        return {
            "ratio": median(ours / theirs for ours, theirs in rates),
            "ours_per_cpu_s": median(pair[0] for pair in rates),
            "aiohttp_per_cpu_s": median(pair[1] for pair in rates),
        }


def _rate(url: str, pid: int) -> float:
    load.call(url, POOL, 0.2)
    before = load.cpu_seconds(pid)
    tally = load.call(url, POOL, 1.0)
    return tally.statuses.total() / (load.cpu_seconds(pid) - before)


if __name__ == "__main__":
    main(measure, BARS)
