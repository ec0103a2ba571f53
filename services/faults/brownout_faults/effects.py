"""What a fault does to one request, said once and carried out wherever the request passes.

An effect is data: a kind of fault chooses it, and an executor carries it out: the WSGI middleware, the ASGI
middleware, and the fault proxy for HTTP and for TCP.
"""

import msgspec


class Delay(msgspec.Struct, frozen=True):
    """Let the request go on after a while."""

    seconds: float


class Reply(msgspec.Struct, frozen=True):
    """Answer in the application's place."""

    status: int
    body: bytes
    headers: tuple[tuple[str, str], ...] = (("Content-Type", "application/json"),)
    """Without Content-Length, which the executor adds."""


class Silence(msgspec.Struct, frozen=True):
    """Keep the caller waiting for so long, then close the connection without an answer."""

    seconds: float


class Break(msgspec.Struct, frozen=True):
    """Reset the connection in place of an answer."""


class Cut(msgspec.Struct, frozen=True):
    """Send the beginning of the application's answer, then close the connection."""

    after_bytes: int | None = None
    """Bytes of the answer that still arrive, of HTTP's of its body; None: half of the body."""


class Throttle(msgspec.Struct, frozen=True):
    """Send the application's answer at so many bytes a second, at most."""

    bytes_per_s: float


Effect = Delay | Reply | Silence | Break | Cut | Throttle

CLOSING = (Silence, Break, Cut)
"""Effects that close the connection, which not every server lets an application do."""
