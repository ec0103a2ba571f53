"""A fault proxy as a process, in front of a dependency of the test's own; each ends with the test."""

import json
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import requests

DEADLINE_S = 20.0


class Proxy:
    """A proxy that runs."""

    def __init__(self, process: subprocess.Popen[bytes], up: dict[str, str]) -> None:
        self.process = process
        self.url, self.control = up["url"], up["control"]
        self.port = int(self.url.rpartition(":")[2])
        self.session = requests.Session()
        self.session.trust_env = False

    def put(self, *faults: dict[str, Any], **more: Any) -> requests.Response:
        return self.session.put(f"{self.control}/faults", json={"faults": faults, **more}, timeout=DEADLINE_S)

    def status(self) -> dict[str, Any]:
        answer: dict[str, Any] = self.session.get(f"{self.control}/status", timeout=DEADLINE_S).json()
        return answer

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=DEADLINE_S)

    def exchange(self, sent: bytes) -> bytes:
        """Send this over a new connection, half-close it, and read to its end."""
        with self.connect() as sock:
            sock.sendall(sent)
            with suppress(OSError):  # it may have been reset by now, which reading tells
                sock.shutdown(socket.SHUT_WR)
            return read_all(sock)


def read_all(sock: socket.socket) -> bytes:
    pieces = []
    while piece := sock.recv(65_536):
        pieces.append(piece)
    return b"".join(pieces)


@contextmanager
def proxy(upstream: str, **settings: Any) -> Iterator[Proxy]:
    """Run a proxy in front of `upstream`."""
    config = {"dependency": "prices", "upstream": upstream, **settings}
    with started(config) as (process, line):
        running = Proxy(process, json.loads(line))
        with running.session:
            yield running


@contextmanager
def started(config: dict[str, Any]) -> Iterator[tuple[subprocess.Popen[bytes], bytes]]:
    """Start a proxy process; yields it and the line that it says."""
    command = [sys.executable, "-P", "-m", "brownout_fleet.proxy"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdin
    assert process.stdout
    assert process.stderr
    try:
        process.stdin.write(json.dumps(config).encode() + b"\n")
        process.stdin.flush()
        yield process, process.stdout.readline()
    finally:
        with suppress(BrokenPipeError):
            process.stdin.close()
        try:
            process.wait(DEADLINE_S)
        finally:
            process.kill()
            process.wait()
            process.stdout.close()
            process.stderr.close()


@contextmanager
def dependency(serve: Callable[[socket.socket], None]) -> Iterator[int]:
    """A dependency that does this with each connection, in a thread; yields its port."""
    threads: list[threading.Thread] = []
    open_sockets: list[socket.socket] = []

    def one(sock: socket.socket) -> None:
        with sock, suppress(OSError):
            sock.settimeout(DEADLINE_S)
            serve(sock)

    def accept() -> None:
        with suppress(OSError):
            while True:
                sock, _ = listener.accept()
                open_sockets.append(sock)
                threads.append(threading.Thread(target=one, args=(sock,), daemon=True))
                threads[-1].start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        acceptor = threading.Thread(target=accept, daemon=True)
        acceptor.start()
        try:
            yield listener.getsockname()[1]
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            acceptor.join(DEADLINE_S)
            for sock in open_sockets:
                with suppress(OSError):
                    sock.shutdown(socket.SHUT_RDWR)
            for thread in threads:
                thread.join(DEADLINE_S)


def web(sock: socket.socket) -> None:
    """Speak HTTP/1.1: each request is answered with its own head and body, or as its path says."""
    file = sock.makefile("rb")
    with file:
        while line := file.readline():
            head = [line]
            while (header := file.readline()) not in (b"\r\n", b""):
                head.append(header)
            whole = b"".join(head)
            if b"100-continue" in whole:
                sock.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
            body = _body(file, whole)
            sock.sendall(_answer(line, whole + b"\r\n" + body))
            if b"upgrade: echo" in whole.lower():
                while data := sock.recv(65_536):
                    sock.sendall(data)
                return
            if b"/close" in line:
                return


def _body(file: Any, head: bytes) -> bytes:
    for header in head.lower().split(b"\r\n"):
        name, _, value = header.partition(b":")
        if name == b"content-length":
            return bytes(file.read(int(value)))
        if name == b"transfer-encoding":
            whole = b""
            while (line := file.readline()) != b"\r\n":
                whole += line
                size = (
                    int(line.split(b";")[0], 16)
                    if line.strip().isalnum() and not whole.endswith(b"0\r\n")
                    else 0
                )
                whole += file.read(size + 2) if size else b""
            return whole
    return b""


def _answer(line: bytes, echoed: bytes) -> bytes:
    method, path = line.split()[:2]
    if b"upgrade: echo" in echoed.lower():
        return b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\nConnection: Upgrade\r\n\r\n"
    if path.startswith(b"/204"):
        return b"HTTP/1.1 204 No Content\r\n\r\n"
    if path.startswith(b"/304"):
        return b"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n"
    if path.startswith(b"/early"):
        return (
            b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nearly"
        )
    if path.startswith(b"/chunked"):
        return (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n"
            b"3\r\nabc\r\n0\r\nX-Sum: 3\r\n\r\n"
        )
    if path.startswith(b"/close"):
        return b"HTTP/1.1 200 OK\r\n\r\nuntil the end"
    head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(echoed)
    return head if method == b"HEAD" else head + echoed
