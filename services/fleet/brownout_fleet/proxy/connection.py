"""The two ends of a connection through the proxy: the service's, and the dependency's that belongs to it.

Each connection of the service has one of its own at the dependency, so that its end, its reset and its pace
are the dependency's.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any, Protocol, cast

from brownout_fleet.relay import HIGH_WATER, end

if TYPE_CHECKING:
    from brownout_fleet.proxy.front import Front


class Conversation(Protocol):
    """A taker of the bytes of both sides."""

    def begin(self) -> None:
        """The service has connected."""

    def asked(self, data: bytes) -> None:
        """The service has sent something."""

    def answered(self, data: bytes) -> None:
        """The dependency has sent something."""

    def service_ended(self) -> None:
        """The service will send no more."""

    def dependency_ended(self) -> None:
        """The dependency will send no more."""

    def over(self) -> None:
        """The connection is gone."""


class DependencySide(asyncio.Protocol):
    """The proxy's connection to the dependency."""

    transport: asyncio.Transport

    def __init__(self, owner: ServiceSide) -> None:
        self._owner = owner
        self.ended = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.transport.set_write_buffer_limits(HIGH_WATER)

    def data_received(self, data: bytes) -> None:
        self._owner.conversation.answered(data)

    def eof_received(self) -> bool:
        self.ended = True
        self._owner.conversation.dependency_ended()
        return self.transport.get_extra_info("ssl_object") is None and not self._owner.ended

    def pause_writing(self) -> None:
        self._owner.hold("dependency reads slowly")

    def resume_writing(self) -> None:
        self._owner.release("dependency reads slowly")

    def connection_lost(self, error: Exception | None) -> None:
        if not self.ended and error is None:
            self.ended = True
            self._owner.conversation.dependency_ended()
        if error is not None:
            end(self._owner.transport, error)


class ServiceSide(asyncio.Protocol):
    """The service's connection to the proxy, and the owner of the other one."""

    transport: asyncio.Transport
    conversation: Conversation

    def __init__(self, front: Front) -> None:
        self.front = front
        self.dependency: DependencySide | None = None
        self.ended = False
        """The service has sent all that it will."""
        self._holds: set[str] = set()
        self._answer_holds: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._dialling = asyncio.Lock()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.transport.set_write_buffer_limits(HIGH_WATER)
        self.front.connections.add(self)
        self.conversation = self.front.conversation(self)
        self.conversation.begin()

    def data_received(self, data: bytes) -> None:
        self.conversation.asked(data)

    def eof_received(self) -> bool:
        self.ended = True
        self.conversation.service_ended()
        both = self.dependency is not None and self.dependency.ended
        return not (both or self.transport.is_closing())

    def pause_writing(self) -> None:
        self.hold_answer("service reads slowly")

    def resume_writing(self) -> None:
        self.release_answer("service reads slowly")

    def connection_lost(self, error: Exception | None) -> None:
        self.front.connections.discard(self)
        for task in self._tasks:
            task.cancel()
        self.conversation.over()
        if self.dependency is not None:
            end(self.dependency.transport, error)

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Run this while the connection lasts."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def dial(self, protocols: tuple[str, ...]) -> bool:
        """Connect to the dependency, unless that is done. Returns whether there is a connection.

        One that can't be had resets the service's, which is what the dependency itself would do.
        """
        async with self._dialling:
            if self.dependency is not None:
                return True
            dependency = await self.front.connect(lambda: DependencySide(self), protocols)
            if dependency is None:
                self.close(abruptly=True)
                return False
            self.dependency = dependency
            return True

    def ask(self, data: bytes) -> None:
        """Send this to the dependency."""
        if self.dependency is not None:
            self.dependency.transport.write(data)

    def end_asking(self) -> None:
        """Tell the dependency that no more will come, where the connection can."""
        if self.dependency is not None and self.dependency.transport.can_write_eof():
            self.dependency.transport.write_eof()

    def close(self, *, abruptly: bool = False) -> None:
        """Close the service's connection, and with it the other; `abruptly`: with a reset."""
        end(self.transport, ConnectionResetError() if abruptly else None)

    def hold(self, reason: str) -> None:
        """Read no more from the service until this reason is gone."""
        if not self._holds and not self.transport.is_closing():
            self.transport.pause_reading()
        self._holds.add(reason)

    def release(self, reason: str) -> None:
        """Take a reason away."""
        if reason in self._holds:
            self._holds.remove(reason)
            if not self._holds and not self.transport.is_closing():
                self.transport.resume_reading()

    def hold_answer(self, reason: str) -> None:
        """Read no more from the dependency until this reason is gone."""
        if not self._answer_holds and self.dependency and not self.dependency.transport.is_closing():
            self.dependency.transport.pause_reading()
        self._answer_holds.add(reason)

    def release_answer(self, reason: str) -> None:
        """Take such a reason away."""
        if reason in self._answer_holds:
            self._answer_holds.remove(reason)
            if not self._answer_holds and self.dependency and not self.dependency.transport.is_closing():
                self.dependency.transport.resume_reading()
