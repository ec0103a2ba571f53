"""The fake cluster in a process of its own: `python -m tests.k8s.process` reads pods, prints its port.

A controller replaces every pod that is deleted by another one at the same address, as a Deployment would.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import uvloop

from tests.k8s.cluster import Cluster
from tests.k8s.documents import Address
from tests.servers import ROOT


@dataclass(frozen=True)
class ClusterProcess:
    """A cluster that runs elsewhere."""

    port: int
    pid: int


@contextmanager
def cluster_process(pods: list[tuple[str, str, Address]], restart_s: float = 0.5) -> Iterator[ClusterProcess]:
    """Run a cluster with these pods: name, label app, address of the server in it."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.k8s.process"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdin
    assert process.stdout
    try:
        process.stdin.write(json.dumps({"pods": pods, "restart_s": restart_s}).encode() + b"\n")
        process.stdin.flush()
        yield ClusterProcess(int(process.stdout.readline()), process.pid)
    finally:
        process.stdin.close()
        process.wait(10)
        process.stdout.close()


async def serve(pods: list[tuple[str, str, list[Any]]], restart_s: float) -> None:
    """Until standard input ends."""
    cluster = Cluster()
    numbers = itertools.count(1)

    async def replace(pod: dict[str, Any]) -> None:
        app = pod["metadata"]["labels"]["app"]
        await asyncio.sleep(restart_s)
        address = cluster.addresses.pop(pod["metadata"]["name"])
        cluster.add(f"{app}-new-{next(numbers)}", app, address)

    cluster.deleted = replace
    for name, app, (host, port) in pods:
        cluster.add(name, app, (host, port))
        cluster.serve_app(app)
    await cluster.start()
    print(cluster.port, flush=True)
    await asyncio.to_thread(sys.stdin.read)
    await cluster.stop()


if __name__ == "__main__":
    uvloop.run(serve(**json.loads(sys.stdin.readline())))
