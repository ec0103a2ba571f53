"""`python -m bench.proxy`: what the fault proxy carries, what it adds to a call, and how true its faults are.

`capacity_ratio` compares requests per second of processor time: the proxy's, with no fault set and in front
of a trivial dependency, and those of a relay that does nothing but relay (that of `bench.forward`). The relay
reaches the same dependency as the proxy does, by TCP. In `bench.forward` it reaches its upstream by a Unix
socket, which costs the kernel less: `capacity_ratio_to_unix` is the proxy's by TCP over that. `faulted_ratio`
is the first with 30 % errors on the one path.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection
from statistics import median
from urllib.parse import urlsplit

import psutil
import requests

from bench import load, views
from bench.figures import Figures, main
from bench.forward import bare_process, rates_of, relay_process
from tests.backend.binomial import interval
from tests.servers import serve

BARS = {
    "capacity_ratio": "≥ 0.5",
    "faulted_ratio": "≥ 0.25",
    "added_p50_ms": "≤ 0.5",
    "memory_growth_mb": "≤ 8",
    "rate_at_1_in_interval": "1",
    "rate_at_8_in_interval": "1",
}
ROUNDS = 8
RATE = 0.3
ERRORS = {"kind": "error", "rate": RATE, "status": 503, "match": {"path": "/"}}
REQUESTS = 20_000
CERTAINTY = 0.999
PACE = 500
PACED_S = 4
STREAM = 1_000_000_000
PIECE = bytes(1_000_000)


@contextmanager
def fault_proxy(upstream: str) -> Iterator[tuple[str, str, int]]:
    """A proxy in front of `upstream`: its URL, that of its control URLs, and its process id."""
    command = [sys.executable, "-P", "-m", "brownout_fleet.proxy"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin
        assert process.stdout
        try:
            process.stdin.write(json.dumps({"dependency": "web", "upstream": upstream}).encode() + b"\n")
            process.stdin.flush()
            up = json.loads(process.stdout.readline())
            yield f"{up['url']}/", up["control"], process.pid
        finally:
            process.stdin.close()


def put(control: str, *faults: object) -> None:
    """Set faults."""
    requests.put(f"{control}/faults", json={"faults": faults}, timeout=5).raise_for_status()


def capacity() -> Figures:
    """Requests per second of processor time, by turns, so that a change of the machine hits all alike."""
    with ExitStack() as stack:
        path = f"{stack.enter_context(tempfile.TemporaryDirectory())}/0"
        upstream = stack.enter_context(serve([*views.UPSTREAM, path]))
        load.pin(upstream.process.pid, 1)
        bare, bare_pid = stack.enter_context(relay_process(bare_process, [upstream.port]))
        unix, unix_pid = stack.enter_context(relay_process(bare_process, [path]))
        ours, control, pid = stack.enter_context(fault_proxy(upstream.url))
        load.pin(pid, 0)
        rounds = []
        for _ in range(ROUNDS):
            put(control)
            found = {"bare": rates_of(bare, bare_pid, 100), "ours": rates_of(ours, pid, 100)}
            found["unix"] = rates_of(unix, unix_pid, 100)
            put(control, ERRORS)
            found["faulted"] = rates_of(ours, pid, 100, allowed=(200, 503))
            rounds.append(found)
    return {
        "capacity_ratio": median(one["ours"].per_cpu_s / one["bare"].per_cpu_s for one in rounds),
        "capacity_ratio_to_unix": median(one["ours"].per_cpu_s / one["unix"].per_cpu_s for one in rounds),
        "faulted_ratio": median(one["faulted"].per_cpu_s / one["bare"].per_cpu_s for one in rounds),
        "proxy_per_cpu_s": median(one["ours"].per_cpu_s for one in rounds),
        "proxy_per_s": median(one["ours"].per_s for one in rounds),
        "bare_per_cpu_s": median(one["bare"].per_cpu_s for one in rounds),
    }


def added_latency() -> Figures:
    """Median milliseconds that a call takes longer through the proxy, at a steady rate, by turns."""
    with serve(views.UPSTREAM) as upstream, fault_proxy(upstream.url) as (url, _, _):
        times: dict[str, list[float]] = {"direct": [], "proxied": []}
        with _kept(upstream.url) as direct, _kept(url) as proxied:
            began = time.perf_counter()
            for number in range(PACE * PACED_S):
                time.sleep(max(0.0, began + number / PACE - time.perf_counter()))
                name, connection = ("direct", direct) if number % 2 else ("proxied", proxied)
                started = time.perf_counter()
                connection.request("GET", "/")
                connection.getresponse().read()
                times[name].append((time.perf_counter() - started) * 1000)
    p50 = {name: median(values) for name, values in times.items()}
    return {"added_p50_ms": p50["proxied"] - p50["direct"], "direct_p50_ms": p50["direct"]}


@contextmanager
def _kept(url: str) -> Iterator[HTTPConnection]:
    parts = urlsplit(url)
    connection = HTTPConnection(parts.hostname or "", parts.port, timeout=10)
    connection.connect()
    connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        yield connection
    finally:
        connection.close()


def _pour(listener: socket.socket) -> None:
    sock, _ = listener.accept()
    with sock:
        sock.recv(65_536)
        sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % STREAM)
        for _ in range(STREAM // len(PIECE)):
            sock.sendall(PIECE)


def memory() -> Figures:
    """Megabytes that the proxy has grown by after the first 5 % of a streamed body, at its largest."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        source = threading.Thread(target=_pour, args=(listener,))
        source.start()
        upstream = f"http://127.0.0.1:{listener.getsockname()[1]}"
        with fault_proxy(upstream) as (url, _, pid), _kept(url) as connection:
            connection.request("GET", "/")
            answer = connection.getresponse()
            process, seen, sizes = psutil.Process(pid), 0, []
            while data := answer.read(len(PIECE)):
                seen += len(data)
                sizes.append(process.memory_info().rss)
        source.join()
    if seen != STREAM:
        raise RuntimeError(f"{seen} of {STREAM} bytes came through")
    early = max(sizes[: len(sizes) // 20])
    return {"memory_growth_mb": (max(sizes) - early) / 1e6, "memory_mb": max(sizes) / 1e6}


def fault_rates() -> Figures:
    """The share of 20,000 requests that a fault hit, from one worker of the service and from eight."""
    figures: Figures = {}
    with serve(views.UPSTREAM) as upstream, fault_proxy(upstream.url) as (url, control, _):
        for workers in (1, 8):
            put(control, {**ERRORS, "rate": RATE})
            with ThreadPoolExecutor(workers) as pool:
                hits = sum(pool.map(_hits, [url] * workers, [REQUESTS // workers] * workers))
            low, high = interval(REQUESTS, RATE, CERTAINTY)
            figures[f"rate_at_{workers}"] = hits / REQUESTS
            figures[f"rate_at_{workers}_in_interval"] = int(low <= hits <= high)
    return figures


def _hits(url: str, count: int) -> int:
    """How many of so many requests over one connection are answered by the fault."""
    request, hits = b"GET / HTTP/1.1\r\nHost: web\r\n\r\n", 0
    with _kept(url) as connection:
        for _ in range(count):
            connection.sock.sendall(request)
            answer = b""
            while b"}" not in answer:
                answer += connection.sock.recv(65_536)
            hits += answer.startswith(b"HTTP/1.1 503")
    return hits


def measure() -> Figures:
    """What the fault proxy carries, what it adds to a call, and how true its faults are."""
    load.pin(os.getpid(), 1)
    return {**capacity(), **added_latency(), **memory(), **fault_rates()}


if __name__ == "__main__":
    main(measure, BARS)
