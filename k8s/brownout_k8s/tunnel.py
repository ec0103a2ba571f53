"""One tunnel: a websocket to a pod's port, offered to asyncio code as if it were a socket to it.

`Tunnel` is the side towards the API server; `PodTransport` (pod_transport.py) is what a protocol writes to.
Data passes through without a task or a queue of its own: what the reader can't take yet stays in the kernel's
buffers, and through them stops the pod (and the other way round).

What the protocol can't say, and what is done about it:

- *The client has sent all that it will.* v4 has no half-close towards the pod. The answer is still delivered;
  the tunnel closes when the pod does, at once when the HTTP exchange on it is complete, and otherwise when
  the pod has been silent for HALF_CLOSED_S.
- *The client reset.* The pod sees an orderly end.
- *The pod refused, or reset.* It comes as a sentence on the error channel; see `failure`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import cast

from brownout_fleet.model import TunnelError
from brownout_fleet.relay import HIGH_WATER
from brownout_k8s import handshake
from brownout_k8s.exchange import Exchange
from brownout_k8s.frames import (
    BINARY,
    CLOSE,
    NORMAL_CLOSURE,
    PING,
    PONG,
    FrameReader,
    Piece,
    ProtocolError,
    frame,
)
from brownout_k8s.pod_transport import PodTransport

DATA_CHANNEL = 0
ERROR_CHANNEL = 1

HALF_CLOSED_S = 5.0
"""How long a pod may be silent after the client's end before the tunnel is taken to be of no more use."""

ERROR_LIMIT = 4096
"""Bytes kept of what comes on the error channel."""

_GOODBYE = frame(CLOSE, NORMAL_CLOSURE.to_bytes(2, "big"))


class Tunnel(asyncio.Protocol):
    """The websocket's side. `opened` is done when the API server has upgraded, or fails."""

    transport: asyncio.Transport

    def __init__(
        self,
        port: int,
        upgrade: Callable[[bytes], bytes],
        factory: Callable[[], asyncio.Protocol],
        ended: Callable[[Tunnel], None],
        leaving: Callable[[], bool] = lambda: False,
    ) -> None:
        """`upgrade` makes the request from a key; `ended` is called once, when the connection is gone.

        `leaving` says whether the pod is known to be on its way out: what breaks then is its own doing.
        """
        self.loop = asyncio.get_running_loop()
        self.opened: asyncio.Future[asyncio.Protocol] = self.loop.create_future()
        self.closing = False
        self.heard_at = self.loop.time()
        self.pinged_at = 0.0
        self.paused = False
        self.error: Exception | None = None
        self._key = handshake.new_key()
        self._upgrade = upgrade
        self._factory = factory
        self._ended = ended
        self._leaving = leaving
        self._port = port.to_bytes(2, "little")
        self._preamble = {DATA_CHANNEL: b"", ERROR_CHANNEL: b""}
        self._head: bytes | None = b""
        self._reader = FrameReader()
        self.protocol: asyncio.Protocol | None = None
        self._complaint = b""
        self._clean = False
        self._half_closed = False
        self._exchange = Exchange()

    @property
    def upgraded(self) -> bool:
        """Whether it has been open."""
        return self.protocol is not None

    # From the API server.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the upgrade."""
        self.transport = cast(asyncio.Transport, transport)
        self.transport.set_write_buffer_limits(HIGH_WATER)
        self.transport.write(self._upgrade(self._key))

    def data_received(self, data: bytes) -> None:
        """Take bytes of the answer to the upgrade, then frames."""
        self.heard_at = self.loop.time()
        if self._head is not None:
            upgraded = self._handshake(data)
            if upgraded is None:
                return
            data = upgraded
        try:
            for piece in self._reader.feed(data):
                if self.closing:
                    break
                if piece[0] == DATA_CHANNEL and not self._preamble:
                    self._exchange.received(piece[1])
                    self.protocol.data_received(piece[1])  # type: ignore[union-attr]  # set by _handshake
                else:
                    self._take(piece)
        except ProtocolError as error:
            self.fail(TunnelError(f"the API server sent {error}"))

    def _handshake(self, data: bytes, ended: bool = False) -> bytes | None:
        self._head = cast(bytes, self._head) + data
        try:
            rest = handshake.answer(self._head, self._key, ended)
        except handshake.HandshakeRefusedError as refusal:
            self.fail(refusal)
            return None
        if rest is None:
            return None
        self._head = None
        if not self.opened.done():  # nobody waits any more after a time-out
            self.protocol = self._factory()
            self.protocol.connection_made(PodTransport(self))
            self.opened.set_result(self.protocol)
        else:
            self.abort()
            return None
        return rest

    def _take(self, piece: Piece) -> None:
        """What is rare: the ports that begin each channel, errors, control frames."""
        kind, data = piece
        if kind in self._preamble:
            got = self._preamble[kind] + data
            if len(got) < 2:
                self._preamble[kind] = got
                return
            del self._preamble[kind]
            if got[:2] != self._port:
                raise ProtocolError(f"port {int.from_bytes(got[:2], 'little')} on channel {kind}")
            if len(got) > 2:
                self._take((kind, got[2:]))
        elif kind == DATA_CHANNEL:  # the error channel's preamble is still missing
            self._exchange.received(data)
            cast(asyncio.Protocol, self.protocol).data_received(data)
        elif kind == ERROR_CHANNEL:
            self._complaint = (self._complaint + data)[:ERROR_LIMIT]
        elif kind == PING:
            self.transport.write(frame(PONG, data))
        elif kind == CLOSE:
            self._clean = data[:2] in (b"", NORMAL_CLOSURE.to_bytes(2, "big"))
            if not self._clean and self.error is None:
                code, words = int.from_bytes(data[:2], "big"), data[2:].decode(errors="replace")
                self.error = TunnelError(f"the API server closed the connection: {code} {words}".rstrip())
            self.close()
        elif kind != PONG:
            raise ProtocolError(f"data on channel {kind}")

    def eof_received(self) -> bool:
        """A connection that ends without a word was cut, or closed by the pod: `connection_lost` tells."""
        if self._head is not None:
            self._handshake(b"", ended=True)
        return False

    def connection_lost(self, error: Exception | None) -> None:
        """Tell the protocol how it ended."""
        gone_before = self.closing and not self._clean and self.error is None and not self._complaint
        self.closing = True
        if self.error is None and self._complaint:
            self.error = failure(self._complaint.decode(errors="replace"))
        elif self.error is None and not self._clean and not gone_before:
            self.error = TunnelError(f"the connection to the API server broke: {error or 'it was cut'}")
        if isinstance(self.error, TunnelError) and self._leaving():
            self.error = ConnectionResetError(str(self.error))
        if isinstance(self.error, TunnelError):
            self.error.unanswered = self._exchange.unanswered
        if not self.opened.done():
            self.opened.set_exception(self.error or TunnelError("the connection was closed"))
        if self.protocol is not None:
            if self.error is None and not gone_before:
                self.protocol.eof_received()
            self.protocol.connection_lost(self.error)
        self._ended(self)

    def pause_writing(self) -> None:
        """The pod, or the way to it, takes no more for now."""
        if self.protocol is not None:
            self.protocol.pause_writing()

    def resume_writing(self) -> None:
        """It has caught up."""
        if self.protocol is not None:
            self.protocol.resume_writing()

    # From the protocol on our side.

    def send(self, data: bytes) -> None:
        """Send to the pod."""
        self._exchange.sent(data)
        if not self.closing and not self.transport.is_closing():
            self.transport.write(frame(BINARY, b"\0" + data))

    def pause(self, yes: bool) -> None:
        """Stop or resume reading from the API server."""
        if self.closing or yes == self.paused:
            return
        self.paused = yes
        self.heard_at = self.loop.time()
        if yes:
            self.transport.pause_reading()
        else:
            self.transport.resume_reading()

    def half_close(self) -> None:
        """The client has sent all that it will; see the module's documentation."""
        self._half_closed = True
        if self._exchange.complete:
            self.close()

    def close(self) -> None:
        """Say goodbye and close after what is buffered has been sent."""
        if not self.closing:
            self.closing = True
            self.transport.write(_GOODBYE)
            self.transport.close()

    def abort(self) -> None:
        """Close at once."""
        self.closing = True
        self.transport.abort()

    def fail(self, error: Exception) -> None:
        """Close at once, because of `error`."""
        if self.error is None:
            self.error = error
        self.abort()

    # From the one who looks after all tunnels.

    def tick(self, now: float, idle_s: float) -> None:
        """Ping a tunnel that was silent for `idle_s`; give it up when that stays unanswered as long."""
        if self.closing or self._head is not None or self.paused:
            return
        silent = now - self.heard_at
        if self._half_closed and silent > HALF_CLOSED_S:
            self.close()
        elif silent > idle_s and self.pinged_at <= self.heard_at:
            self.pinged_at = now
            self.transport.write(frame(PING, b""))
        elif self.pinged_at > self.heard_at and now - self.pinged_at > idle_s:
            self.fail(TunnelError(f"no answer to a ping for {idle_s:g} s"))


def failure(complaint: str) -> Exception:
    """What the kubelet's sentence on the error channel means: the service's own failure, or the tunnel's.

    The protocol has nothing but this text, which quotes the kernel's words.
    """
    if "connection refused" in complaint:
        return ConnectionRefusedError(complaint)
    if "reset by peer" in complaint or "broken pipe" in complaint:
        return ConnectionResetError(complaint)
    return TunnelError(complaint)
