"""The pod's end of a tunnel, as a transport: what a protocol writes to and closes."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from brownout_k8s.tunnel import Tunnel


class PodTransport(asyncio.Transport):
    """The pod's end of a tunnel, as a transport."""

    def __init__(self, tunnel: Tunnel) -> None:
        super().__init__()
        self._tunnel = tunnel

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Send to the pod."""
        self._tunnel.send(bytes(data))

    def writelines(self, list_of_data: Iterable[Any]) -> None:
        """Send to the pod."""
        if data := b"".join(list_of_data):
            self._tunnel.send(data)

    def can_write_eof(self) -> bool:
        """Yes, in a way: see the documentation of tunnel.py."""
        return True

    def write_eof(self) -> None:
        """The client has sent all that it will."""
        self._tunnel.half_close()

    def close(self) -> None:
        """Close after what is buffered has been sent."""
        self._tunnel.close()

    def abort(self) -> None:
        """Close at once."""
        self._tunnel.abort()

    def is_closing(self) -> bool:
        """Whether no more can be sent."""
        return self._tunnel.closing

    def pause_reading(self) -> None:
        """Take no more from the API server."""
        self._tunnel.pause(True)

    def resume_reading(self) -> None:
        """Go on."""
        self._tunnel.pause(False)

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """Bytes that may wait before the protocol is told to pause."""
        self._tunnel.transport.set_write_buffer_limits(high, low)

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        """Name the protocol that takes what the pod sends."""
        self._tunnel.protocol = cast(asyncio.Protocol, protocol)

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """The underlying connection's."""
        return self._tunnel.transport.get_extra_info(name, default)
