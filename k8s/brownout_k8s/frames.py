"""Websocket frames (RFC 6455) as the API server's port-forward uses them. Pure: bytes in, pieces out.

Our own codec, by measure (bench/websockets.py): on aiohttp's websocket each frame is an object, a queue and a
task's wake-up, several times the processor time. A relay needs none of these: a piece of a frame may
pass as soon as it is here, which also bounds the memory of a connection to one read from its socket.
"""

from __future__ import annotations

import random
import struct

BINARY = 0x2
CLOSE = 0x8
PING = 0x9
PONG = 0xA

NORMAL_CLOSURE = 1000

_FINAL = 0x80
_MASKED = 0x80
_CONTINUATION = 0x0

_CONTROL_LIMIT = 125

Piece = tuple[int, bytes]
"""Channel and bytes of a data message, or CLOSE, PING, PONG and the whole payload of a control frame."""


class ProtocolError(Exception):
    """The peer does not speak the protocol; the message says what it sent."""


def frame(opcode: int, payload: bytes, key: int | None = None) -> bytes:
    """One whole frame from a client: masked, as the RFC wants of every client.

    `key` is the masking key; None draws one. It protects caches from scripts in browsers, not us.
    """
    size = len(payload)
    if size < 126:
        head = bytes((_FINAL | opcode, _MASKED | size))
    elif size < 65536:
        head = struct.pack("!BBH", _FINAL | opcode, _MASKED | 126, size)
    else:
        head = struct.pack("!BBQ", _FINAL | opcode, _MASKED | 127, size)
    mask = (random.getrandbits(32) if key is None else key).to_bytes(4, "big")
    # As one big number: there is no faster exclusive-or in Python without another library.
    stream = int.from_bytes((mask * (size // 4 + 1))[:size], "little")
    return head + mask + (int.from_bytes(payload, "little") ^ stream).to_bytes(size, "little")


class FrameReader:
    """Takes a server's bytes as they come, and gives the pieces that they complete."""

    def __init__(self) -> None:
        self._head = b""
        """The bytes of a header, or of a control frame, that is not complete."""
        self._left = 0
        """Payload bytes of the present data frame that are still to come."""
        self._channel = -1
        """Channel of the present message; -1 until its first byte has come."""
        self._more = False
        """The present message has further frames."""

    def feed(self, data: bytes) -> list[Piece]:
        """The pieces in `data`. Raises ProtocolError."""
        pieces: list[Piece] = []
        at, end = 0, len(data)
        if self._head:
            data, self._head = self._head + data, b""
            end = len(data)
        while at < end:
            if self._left:
                at = self._payload(data, at, end, pieces)
                continue
            after = self._header(data, at, end, pieces)
            if after < 0:
                self._head = data[at:]
                break
            at = after
        return pieces

    def _payload(self, data: bytes, at: int, end: int, pieces: list[Piece]) -> int:
        """Pass on what is here of a data frame; returns the position after it."""
        stop = min(end, at + self._left)
        self._left -= stop - at
        if self._channel < 0:
            self._channel = data[at]
            at += 1
        if at < stop:
            pieces.append((self._channel, data[at:stop]))
        if not self._left and not self._more:
            self._channel = -1
        return stop

    def _header(self, data: bytes, at: int, end: int, pieces: list[Piece]) -> int:
        """Read a header, and a control frame whole; the position after it, -1 while bytes are missing."""
        if end - at < 2:
            return -1
        first, size = data[at], data[at + 1]
        if first & 0x70 or size & _MASKED:
            raise ProtocolError(f"a frame that begins with {data[at : at + 2].hex()}")
        body = at + 2
        if size == 126:
            if end - at < 4:
                return -1
            (size,), body = struct.unpack_from("!H", data, body), at + 4
        elif size == 127:
            if end - at < 10:
                return -1
            (size,), body = struct.unpack_from("!Q", data, body), at + 10
        opcode = first & 0xF
        if opcode >= CLOSE:
            return self._control(data, body, end, opcode, size, pieces)
        if (opcode == _CONTINUATION) != self._more:
            raise ProtocolError(f"a frame of opcode {opcode} out of turn")
        self._more = not first & _FINAL
        self._left = size
        if not size and not self._more:
            self._channel = -1
        return body

    def _control(self, data: bytes, at: int, end: int, opcode: int, size: int, pieces: list[Piece]) -> int:
        if size > _CONTROL_LIMIT:
            raise ProtocolError(f"a control frame of {size} bytes")
        if end - at < size:
            return -1
        pieces.append((opcode, data[at : at + size]))
        return at + size
