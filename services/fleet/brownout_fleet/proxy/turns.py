"""A conversation of which nothing is read: TCP, HTTP/2 and gRPC, WebSockets after their upgrade.

It has turns: what the service sends after an answer, or at the beginning, is a request as far as faults and
counts go, and what the dependency sends then is its answer.
"""

from __future__ import annotations

from brownout_faults import ability
from brownout_faults.active_faults import ActiveFaults
from brownout_faults.course import Close, Course, Ending, Step, course
from brownout_faults.course_in_task import run
from brownout_faults.fault import Fault
from brownout_fleet.proxy.answer_gate import AnswerGate
from brownout_fleet.proxy.connection import ServiceSide


class Turns:
    """Passes bytes on; faults hit its turns."""

    def __init__(
        self,
        side: ServiceSide,
        *,
        dials_at_once: bool = False,
        has_faults: bool = True,
        protocols: tuple[str, ...] = ("http/1.1",),
    ) -> None:
        """`has_faults`: whether turns are requests; those of a WebSocket are none."""
        self._side = side
        self._state = side.front.state
        self._dials_at_once = dials_at_once
        self._has_faults = has_faults
        self._protocols = protocols
        self._asking = False
        self._waiting: list[bytes] | None = None
        """What the service has sent, while it may not go on; None: it may."""
        self._gate: AnswerGate | None = None
        self._is_over = False
        self._blocks = 0
        """Waits under way: the way to the dependency, and those of the turn's faults."""

    def begin(self) -> None:
        if self._dials_at_once:
            self._block()
            self._side.spawn(self._go_on())

    def _block(self) -> None:
        self._blocks += 1
        self._waiting = self._waiting or []

    def asked(self, data: bytes) -> None:
        if not self._asking:
            self._asking = True
            if self._has_faults:
                self._begin_turn()
        if self._waiting is None and self._side.dependency is None and not self._side.transport.is_closing():
            self._block()
            self._side.spawn(self._go_on())
        if self._waiting is None:
            self._side.ask(data)
        else:
            self._waiting.append(data)
            self._side.hold("turn waits")

    def answered(self, data: bytes) -> None:
        self._end_turn()
        if self._gate is not None:
            self._gate.take(data)
        else:
            self._side.transport.write(data)

    def service_ended(self) -> None:
        if self._waiting is None:
            self._side.end_asking()

    def dependency_ended(self) -> None:
        self._end_turn()
        if self._gate is not None:
            self._gate.then(self._side.close)
        elif self._side.ended or not self._side.transport.can_write_eof():
            self._side.close()
        else:
            self._side.transport.write_eof()

    def over(self) -> None:
        self._end_turn()
        self._is_over = True

    def _begin_turn(self) -> None:
        self._state.started.add()
        self._gate = None
        if not self._state.active.here:
            return
        active, hits = self._state.select(None, _can)
        steps = course(hits)
        try:
            first = next(steps)
        except StopIteration as stop:
            self._end(stop.value, active)
        else:
            self._block()
            self._side.spawn(self._suffer(steps, first, active))

    async def _suffer(self, steps: Course, first: Step, active: ActiveFaults) -> None:
        self._end(await run(steps, active, first), active)
        await self._go_on()

    def _end(self, ending: Ending, active: ActiveFaults) -> None:
        if isinstance(ending.effect, Close):
            self._side.close(abruptly=ending.effect.abruptly)
        elif ending.effect is not None or ending.bytes_per_s is not None:
            self._gate = AnswerGate(self._side, ending, active, is_http=False)

    async def _go_on(self) -> None:
        """Let the turn's bytes go on, over a connection to the dependency, if nothing else keeps them."""
        if self._side.transport.is_closing() or not await self._side.dial(self._protocols):
            return
        self._blocks -= 1
        if self._blocks:
            return
        for data in self._waiting or []:
            self._side.ask(data)
        self._waiting = None
        if self._side.ended:
            self._side.end_asking()
        self._side.release("turn waits")

    def _end_turn(self) -> None:
        if self._asking and not self._is_over:
            self._asking = False
            if self._has_faults:
                self._state.finished.add()


def _can(fault: Fault) -> bool:
    return ability.without_http(fault) is None
