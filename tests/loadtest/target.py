"""A target for load: answers as the client service does, or as it is told, and remembers when it was asked.

    python -m tests.loadtest.target FD [--stall-at S --stall-for S]

FD is an inherited listening socket. A stall begins S seconds after the first request: what arrives in it
is answered after it, one request every DRAIN_S, and what arrives before that is done queues up behind.
`PUT /answers/NAME/NAME/…` sets the answers, given in turn; `GET /log` tells what was asked.
"""

import argparse
import asyncio
import json
import socket
import struct
import sys
import time
from collections import Counter
from typing import cast


def answer(status: str, body: bytes, *headers: str) -> bytes:
    """An HTTP/1.1 answer that keeps the connection."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


ANSWERS = {
    "ok": answer("200 OK", b'{"status": "ok", "data": {"message": "OK"}}'),
    "open": answer("503 Service Unavailable", b'{"status": "fallback", "message": "circuit-open"}'),
    "fallback": answer("503 Service Unavailable", b'{"status": "fallback", "message": "http-503"}'),
    "error": answer("502 Bad Gateway", b'{"status": "error", "message": "http-500"}'),
    "http-500": answer("500 Internal Server Error", b"oops"),
    "degraded": answer("200 OK", b'{"source": "live"}', "X-Degraded: 1"),
    "cached": answer("200 OK", b'{"source": "cache", "items": [{"state": "old"}]}'),
    "html": answer("200 OK", b"<html>"),
    "tunnel": answer("502 Bad Gateway", b"down\n", "X-Brownout-Forwarder: tunnel"),
    "no-replica": answer("503 Service Unavailable", b"none\n", "X-Brownout-Forwarder: no-ready-replica"),
}
CUT_SHORT = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"
DRAIN_S = 0.001
RESET = struct.pack("ii", 1, 0)


class Log:
    """What was asked since the start, and what is answered."""

    def __init__(self, stall_at: float, stall_for: float) -> None:
        self.asked: list[float] = []
        self.paths: Counter[str] = Counter()
        self.given: Counter[str] = Counter()
        self.turn = ["ok"]
        self._stall_at = stall_at
        self._stall_end = stall_at + stall_for
        self._drained = 0.0

    def next_answer(self, path: str) -> str:
        """Note a request, and choose its answer."""
        now = time.monotonic()
        self.asked.append(now)
        self.paths[path] += 1
        name = self.turn[(len(self.asked) - 1) % len(self.turn)]
        self.given[name] += 1
        return name

    def held_for(self) -> float:
        """Seconds until the request is answered that has just arrived; 0 outside of a stall."""
        since = time.monotonic() - self.asked[0]
        if not self._stall_at <= since < max(self._stall_end, self._drained):
            return 0.0
        self._drained = max(self._stall_end, self._drained) + DRAIN_S
        return self._drained - since

    def as_json(self) -> bytes:
        return json.dumps({"asked": self.asked, "paths": self.paths, "given": self.given}).encode()


class Connection(asyncio.Protocol):
    def __init__(self, log: Log) -> None:
        self._log = log
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        # Requests are small and never pipelined: one comes in one piece.
        method, path, _ = data.split(b" ", 2)
        if path == b"/log":
            self._transport.write(answer("200 OK", self._log.as_json()))
        elif method == b"PUT":
            self._log.turn = path.decode().split("/")[2:]
            self._transport.write(answer("200 OK", b""))
        else:
            self._give(self._log.next_answer(path.decode()))

    def _give(self, name: str) -> None:
        held = self._log.held_for()
        if held > 0:
            asyncio.get_running_loop().call_later(held, self._send, name)
        else:
            self._send(name)

    def _send(self, name: str) -> None:
        if name == "silence" or self._transport.is_closing():
            return
        if name == "reset":
            self._transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            self._transport.abort()
        elif name == "cut-short":
            self._transport.write(CUT_SHORT)
            self._transport.close()
        else:
            self._transport.write(ANSWERS[name])


async def main(fd: int, stall_at: float, stall_for: float) -> None:
    log = Log(stall_at, stall_for)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(log), sock=socket.socket(fileno=fd))
    await server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("fd", type=int)
    parser.add_argument("--stall-at", type=float, default=0.0)
    parser.add_argument("--stall-for", type=float, default=0.0)
    arguments = parser.parse_args(sys.argv[1:])
    asyncio.run(main(arguments.fd, arguments.stall_at, arguments.stall_for))
