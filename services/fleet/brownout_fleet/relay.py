"""One forwarded connection: bytes in both directions, unchanged, with back-pressure and half-close.

The relay reads no HTTP, with three exceptions that never touch a byte in transit: it answers by itself when
there is no replica to reach, it watches for the boundary between two requests when its replica holds too many
connections (`Boundary`), and it counts the answers (`Answers`). While it doesn't watch, the event loop hands
what the client sent straight to the replica's `write`, and what the replica sent to one that counts.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable
from typing import Protocol, cast

from brownout_fleet.answers import Answers
from brownout_fleet.boundary import REQUEST_START, Boundary
from brownout_fleet.model import TunnelError
from brownout_terms.headers import FORWARDER

HIGH_WATER = 256 * 1024
"""Bytes waiting for a slow reader before its peer is told to stop sending, each way."""


class NoReplicaError(Exception):
    """No replica could be reached; the message goes into the answer's body.

    `outcome` goes into its header: `no-ready-replica`, or `tunnel` when the tunnel is down.
    """

    def __init__(self, outcome: str, message: str) -> None:
        super().__init__(message)
        self.outcome = outcome

    def response(self) -> bytes:
        """An HTTP/1.1 answer that closes the connection: 502 for the tunnel's failure, else 503."""
        status = "502 Bad Gateway" if self.outcome == "tunnel" else "503 Service Unavailable"
        body = f"{self}\n".encode()
        head = (
            f"HTTP/1.1 {status}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {len(body)}\r\n"
            f"{FORWARDER}: {self.outcome}\r\nConnection: close\r\n\r\n"
        )
        return head.encode() + body


class ConnectionEnd(asyncio.Protocol):
    """What both ends of a forwarded connection have in common."""

    transport: asyncio.Transport
    data_received: Callable[[bytes], None]  # type: ignore[assignment]  # the other side's write, mostly

    def deliver_to(self, receive: Callable[[bytes], None]) -> None:
        """Let `receive` take the bytes that come from this side."""
        self.data_received = receive
        # uvloop looks the method up once for each protocol that it is given.
        self.transport.set_protocol(self)


class Upstream(ConnectionEnd):
    """The relay's side towards one replica."""

    def __init__(self, relay: Relay) -> None:
        self.relay = relay
        self.ended = False
        self.lost = False
        self.error: Exception | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the connection, and pass the replica's bytes on."""
        self.transport = cast(asyncio.Transport, transport)
        self.transport.set_write_buffer_limits(HIGH_WATER)
        self.deliver_to(self.relay.answers.counting(self.relay.transport.write))

    def eof_received(self) -> bool:
        """Pass the half-close on and keep the other direction open, if it still is."""
        self.ended = True
        return not self.relay.ended and half_close(self.relay.transport)

    def pause_writing(self) -> None:
        """The replica reads slowly: stop reading from the client."""
        self.relay.transport.pause_reading()

    def resume_writing(self) -> None:
        """The replica has caught up."""
        self.relay.transport.resume_reading()

    def connection_lost(self, error: Exception | None) -> None:
        """End the client's connection the same way: a reset stays a reset."""
        self.lost, self.error = True, error
        self.relay.upstream_lost(self, error)


class Dialler(Protocol):
    """What a relay needs of its forwarder."""

    def opened(self, relay: Relay) -> None: ...
    def half_closed(self, relay: Relay) -> None: ...
    def closed(self, relay: Relay) -> None: ...
    def dial(self, relay: Relay) -> Awaitable[Upstream]: ...


class Relay(ConnectionEnd):
    """The relay's side towards the client, and the owner of the pair.

    `replica` is the name of the replica that it is connected to, `ended` is set once the client has sent all
    that it will.
    """

    def __init__(self, dialler: Dialler, spawn: Callable[[Awaitable[None]], object]) -> None:
        self._dialler = dialler
        self._spawn = spawn
        self._waiting: list[bytes] = []
        self.ended = False
        self._refusal: NoReplicaError | None = None
        self._boundary: Boundary | None = None
        self.replica: str | None = None
        self.upstream: Upstream | None = None
        self.answers = Answers()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Dial at once, so that the first request doesn't wait for it."""
        self.transport = cast(asyncio.Transport, transport)
        self.transport.set_write_buffer_limits(HIGH_WATER)
        self._dialler.opened(self)
        self._connect()

    def _connect(self) -> None:
        """Hold what the client sends until there is a replica."""
        self.upstream, self._boundary = None, None
        self._route()
        self._spawn(self._dial())

    async def _dial(self) -> None:
        try:
            upstream = await self._dialler.dial(self)
        except NoReplicaError as refusal:
            self._refuse(refusal)
            return
        if self.transport.is_closing():
            upstream.transport.abort()
            return
        self.upstream = upstream
        if upstream.lost:
            self.upstream_lost(upstream, upstream.error)
            return
        upstream.transport.writelines(self._waiting)
        self._waiting.clear()
        if self.ended:
            upstream.transport.write_eof()
        self._route()
        self.transport.resume_reading()

    def _route(self) -> None:
        """Choose who takes the bytes of both sides."""
        upstream = self.upstream
        if upstream is None:
            self.deliver_to(self._hold)
        elif self._boundary is None:
            self.deliver_to(upstream.transport.write)
            upstream.deliver_to(self.answers.counting(self.transport.write))
        else:
            self.deliver_to(self._watched)
            upstream.deliver_to(self._watched_answer)

    def _hold(self, data: bytes) -> None:
        self._waiting.append(data)
        if self._refusal:
            self._refuse(self._refusal)
        else:
            self.transport.pause_reading()

    def _refuse(self, refusal: NoReplicaError, asked: bool = False) -> None:
        """Answer a request that is there, or that comes; an answer before any request would confuse.

        What is no HTTP gets no answer, only the end. `asked` says that a request has been passed on.
        """
        self._refusal = refusal
        asked = asked or bool(self._waiting and REQUEST_START.match(self._waiting[0]))
        if asked:
            self.transport.write(refusal.response())
            self.answers.counted += 1
        if asked or self._waiting or self.ended:
            self.transport.close()
        self.transport.resume_reading()

    def hand_over(self, wanted: bool) -> None:
        """Move to another replica after the exchange that is under way, or stay with this one."""
        if wanted is not (self._boundary is not None):
            self._boundary = Boundary() if wanted else None
            self._route()

    def _watched(self, data: bytes) -> None:
        upstream, boundary = cast(Upstream, self.upstream), cast(Boundary, self._boundary)
        if boundary.sent(data):
            # The exchange with this replica is complete: the next one is another's.
            self._waiting.append(data)
            self.transport.pause_reading()
            self._connect()
            upstream.transport.close()
        else:
            upstream.transport.write(data)

    def _watched_answer(self, data: bytes) -> None:
        self.answers.take(data)
        self.transport.write(data)
        if self._boundary is not None:
            self._boundary.received(data)

    def eof_received(self) -> bool:
        """Pass the half-close on and keep the answer's direction open."""
        self.ended = True
        if self.upstream is None:
            return self._refusal is None
        self._dialler.half_closed(self)
        return not self.upstream.ended and half_close(self.upstream.transport)

    def pause_writing(self) -> None:
        """The client reads slowly: stop reading from the replica."""
        if self.upstream:
            self.upstream.transport.pause_reading()

    def resume_writing(self) -> None:
        """The client has caught up."""
        if self.upstream:
            self.upstream.transport.resume_reading()

    def connection_lost(self, error: Exception | None) -> None:
        """The client is gone: end the replica's connection the same way."""
        self._dialler.closed(self)
        if self.upstream:
            end(self.upstream.transport, error)

    def upstream_lost(self, upstream: Upstream, error: Exception | None) -> None:
        """The replica's connection is gone; a move has let go of it before.

        A request that the tunnel lost is answered as such, where an answer can still be given: whoever counts
        must not blame the service.
        """
        if upstream is not self.upstream:
            return
        if isinstance(error, TunnelError) and error.unanswered:
            self._refuse(NoReplicaError("tunnel", str(error)), asked=True)
        else:
            end(self.transport, error)

    def give_up(self, refusal: NoReplicaError) -> None:
        """Refuse the request that was passed on, in place of its answer."""
        self._refuse(refusal, asked=True)

    def abort(self) -> None:
        """Let go of a replica that is gone; what it has answered is still delivered."""
        if self.upstream:
            self.upstream.transport.abort()


def half_close(towards: asyncio.Transport) -> bool:
    """Send EOF on; False (close this side too) when the other side is closing anyway."""
    if towards.is_closing():
        return False
    towards.write_eof()
    return True


def end(transport: asyncio.Transport, error: Exception | None) -> None:
    """Close after what is buffered has been sent; after an error, at once and with a reset."""
    if error is None or transport.is_closing():
        transport.close()
        return
    # Without SO_LINGER the kernel says goodbye with FIN, and a reset would look like a short answer.
    sock = transport.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
