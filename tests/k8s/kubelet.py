"""The fake's port-forward: `v4.channel.k8s.io` spoken as a kubelet speaks it, relayed to a real local server.

Written from the kubelet's and x/net/websocket's behaviour, and from nothing of ours: one message a write, the
port first on both channels, a sentence on the error channel when the pod can't be reached, then Close 1000.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import socket
import struct
from collections.abc import Callable
from typing import cast

PROTOCOL = "v4.channel.k8s.io"
GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
CLOSE, PING, PONG = 8, 9, 10


def upgrade_answer(key: str) -> bytes:
    """The 101 that an API server answers."""
    proof = base64.b64encode(hashlib.sha1((key + GUID).encode()).digest()).decode()  # noqa: S324
    return (
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Accept: {proof}\r\nSec-WebSocket-Protocol: {PROTOCOL}\r\n\r\n"
    ).encode()


def message(payload: bytes, opcode: int = 2) -> bytes:
    """A server's frame."""
    size = len(payload)
    if size < 126:
        return bytes((0x80 | opcode, size)) + payload
    if size < 65536:
        return struct.pack("!BBH", 0x80 | opcode, 126, size) + payload
    return struct.pack("!BBQ", 0x80 | opcode, 127, size) + payload


class Pipe(asyncio.Protocol):
    """The kubelet's end of one forwarded connection."""

    def __init__(self, transport: asyncio.Transport, port: int, ended: Callable[[Pipe], None]) -> None:
        self.transport = transport
        self.pod: asyncio.Transport | None = None
        self.deaf = False
        self.pings = 0
        self._buffer = b""
        self._waiting: list[bytes] = []
        self._ended = ended
        self._port = port.to_bytes(2, "little")

    def begin(self) -> None:
        """The port, on both channels."""
        self.transport.write(message(b"\0" + self._port) + message(b"\1" + self._port))

    async def connect(self, address: tuple[str, int] | None) -> None:
        """Dial the pod's server, as the kubelet does in its network namespace."""
        loop = asyncio.get_running_loop()
        port = int.from_bytes(self._port, "little")
        try:
            if address is None:
                raise ConnectionRefusedError
            _, pod = await loop.create_connection(lambda: PodSide(self), *address)
        except OSError:
            self.complain(
                f"error forwarding port {port} to pod 123, uid : failed to execute portforward in network "
                f"namespace: failed to connect to localhost:{port} inside namespace, IPv4: dial tcp4 "
                f"127.0.0.1:{port}: connect: connection refused"
            )
            return
        for data in self._waiting:
            pod.pod.write(data)
        self._waiting.clear()
        self.pod = pod.pod

    def complain(self, sentence: str) -> None:
        """A sentence on the error channel, and the end."""
        if not self.transport.is_closing():
            self.transport.write(message(b"\1" + sentence.encode()))
        self.finish()

    def finish(self) -> None:
        """Close 1000."""
        if not self.transport.is_closing():
            self.transport.write(message((1000).to_bytes(2, "big"), CLOSE))
            self.transport.close()

    def data_received(self, data: bytes) -> None:
        if self.deaf:
            return
        self._buffer += data
        while (whole := self._frame()) is not None:
            opcode, payload = whole
            if opcode == CLOSE:
                self.transport.close()
                return
            if opcode == PING:
                self.pings += 1
                self.transport.write(message(payload, PONG))
            elif opcode == 2:
                assert payload[0] == 0, "a client sends on the data channel only"
                self._to_pod(payload[1:])

    def _to_pod(self, data: bytes) -> None:
        if self.pod is None:
            self._waiting.append(data)
        else:
            self.pod.write(data)

    def _frame(self) -> tuple[int, bytes] | None:
        buffer = self._buffer
        if len(buffer) < 6:
            return None
        assert buffer[0] & 0xF0 == 0x80, "a client of ours never fragments"
        assert buffer[1] & 0x80, "a client masks"
        size, at = buffer[1] & 0x7F, 2
        if size == 126:
            size, at = int.from_bytes(buffer[2:4], "big"), 4
        elif size == 127:
            size, at = int.from_bytes(buffer[2:10], "big"), 10
        if len(buffer) < at + 4 + size:
            return None
        key, masked = buffer[at : at + 4], buffer[at + 4 : at + 4 + size]
        self._buffer = buffer[at + 4 + size :]
        stream = (key * (size // 4 + 1))[:size]
        number = int.from_bytes(masked, "big") ^ int.from_bytes(stream, "big")
        return buffer[0] & 0xF, number.to_bytes(size, "big")

    def pause_writing(self) -> None:
        if self.pod:
            self.pod.pause_reading()

    def resume_writing(self) -> None:
        if self.pod:
            self.pod.resume_reading()

    def connection_lost(self, _error: Exception | None) -> None:
        if self.pod:
            self.pod.close()
        self._ended(self)

    def cut(self, reset: bool = False) -> None:
        """End it without a word, as an API server does that goes down."""
        if reset:
            sock = self.transport.get_extra_info("socket")
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.transport.abort()


class PodSide(asyncio.Protocol):
    """The kubelet's connection to the pod's server."""

    pod: asyncio.Transport

    def __init__(self, pipe: Pipe) -> None:
        self._pipe = pipe

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.pod = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        if not self._pipe.transport.is_closing():
            self._pipe.transport.write(message(b"\0" + data))

    def pause_writing(self) -> None:
        self._pipe.transport.pause_reading()

    def resume_writing(self) -> None:
        self._pipe.transport.resume_reading()

    def connection_lost(self, error: Exception | None) -> None:
        if error:
            self._pipe.complain(f"error forwarding port: read tcp4 127.0.0.1: {error.args[-1]}".lower())
        else:
            self._pipe.finish()
