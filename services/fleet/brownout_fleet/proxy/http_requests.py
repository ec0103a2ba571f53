"""A conversation in HTTP/1: requests one after the other, each hit by faults, or passed on as it comes.

Requests are written anew for the dependency; its answers pass as they are, and are read only for where they
end. Pipelined requests wait for the answer before them. What is no HTTP/1 passes as turns of bytes.
"""

from __future__ import annotations

import asyncio
from collections import deque

import httptools
from werkzeug.http import HTTP_STATUS_CODES

from brownout_faults import ability
from brownout_faults.active_faults import ActiveFaults
from brownout_faults.course import Close, Course, Ending, Step, course
from brownout_faults.course_in_task import run
from brownout_faults.effects import Reply
from brownout_fleet.proxy.answer_end import AnswerEnd
from brownout_fleet.proxy.answer_gate import AnswerGate
from brownout_fleet.proxy.connection import ServiceSide
from brownout_fleet.proxy.proxied_request import ProxiedRequest
from brownout_fleet.proxy.turns import Turns

HTTP_2_PREFACE = b"PRI * HTTP/2.0"
UNTOUCHED = Ending()


class Requests:
    """Reads the service's requests and sees to their answers."""

    def __init__(self, side: ServiceSide) -> None:
        self._side = side
        self._front = side.front
        self._state = side.front.state
        self._parser = httptools.HttpRequestParser(self)
        self._reading = ProxiedRequest()
        self._in_body = False
        self._trailers: list[tuple[bytes, bytes]] = []
        self._queue: deque[ProxiedRequest] = deque()
        """Requests that have come, the one that is being answered first."""
        self._current: ProxiedRequest | None = None
        self._answer = AnswerEnd()
        self._gate: AnswerGate | None = None
        self._after_upgrade: bytes | None = None
        """What the service sent after a request to change the protocol, which is not answered yet."""
        self._is_fresh = True

    def begin(self) -> None:
        """Wait for a request: only then is the dependency needed."""

    # What the service sends.

    def asked(self, data: bytes) -> None:
        if self._is_fresh:
            self._is_fresh = False
            if data.startswith(HTTP_2_PREFACE):
                self._pass_bytes(data, ("h2",))
                return
        if self._after_upgrade is not None:
            self._after_upgrade += data
            self._side.hold("upgrade")
            return
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            self._after_upgrade = data[upgrade.args[0] :]
        except httptools.HttpParserCallbackError:
            raise  # a mistake of ours
        except httptools.HttpParserError:
            if self._current is None and not self._queue:
                self._pass_bytes(data)
            else:
                self._side.close(abruptly=True)
        if len(self._queue) > 1:
            self._side.hold("answers are due")

    def on_url(self, url: bytes) -> None:
        self._reading.url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._in_body:
            self._trailers.append((name, value))
        else:
            self._reading.add_header(name, value)

    def on_headers_complete(self) -> None:
        request, parser = self._reading, self._parser
        request.method, request.version = parser.get_method(), parser.get_http_version().encode()
        request.keeps_alive, request.upgrades = parser.should_keep_alive(), parser.should_upgrade()
        self._in_body = True
        self._queue.append(request)
        if self._current is None:
            self._next()

    def on_body(self, body: bytes) -> None:
        request = self._reading
        if request.is_sent:
            self._side.ask(request.encoded(body))
        elif not request.is_dropped:
            request.parts.append(request.encoded(body))
            self._side.hold("body waits")

    def on_message_complete(self) -> None:
        request = self._reading
        if end := request.end(self._trailers):
            if request.is_sent:
                self._side.ask(end)
            elif not request.is_dropped:
                request.parts.append(end)
        request.is_complete = True
        self._reading, self._in_body, self._trailers = ProxiedRequest(), False, []
        if request.is_answered:
            self._done()

    def service_ended(self) -> None:
        if not self._queue:
            self._side.close()

    # What becomes of a request.

    def _next(self) -> None:
        """Begin with the request whose turn it is."""
        request = self._current = self._queue[0]
        if request.via and self._front.is_loop(request.via.decode("latin-1")):
            self._side.close(abruptly=True)
            return
        state = self._state
        state.started.add()
        if not state.active.here:
            self._end(UNTOUCHED, request, state.active)
            return
        active, hits = state.select(request.facts(), ability.is_declared)
        steps = course(hits)
        try:
            first = next(steps)
        except StopIteration as stop:
            self._end(stop.value, request, active)
        else:
            self._side.spawn(self._suffer(request, steps, first, active))

    async def _suffer(
        self, request: ProxiedRequest, steps: Course, first: Step, active: ActiveFaults
    ) -> None:
        ending = await run(steps, active, first)
        if not self._side.transport.is_closing():
            self._end(ending, request, active)

    def _end(self, ending: Ending, request: ProxiedRequest, active: ActiveFaults) -> None:
        match ending.effect:
            case Reply() as reply:
                self._reply(reply, request)
                return
            case Close(abruptly):
                self._side.close(abruptly=abruptly)
                return
        if ending is not UNTOUCHED and (ending.effect or ending.bytes_per_s is not None):
            self._gate = AnswerGate(self._side, ending, active, is_http=True)
        self._answer.expect(request.method)
        if self._side.dependency is None:
            self._side.spawn(self._dial_and_send(request))
        else:
            self._send(request)

    async def _dial_and_send(self, request: ProxiedRequest) -> None:
        if await self._side.dial(("http/1.1",)):
            self._send(request)

    def _send(self, request: ProxiedRequest) -> None:
        self._side.ask(request.head(self._front.authority, self._front.id_bytes))
        request.is_sent = True
        if request.parts:
            self._side.ask(b"".join(request.parts))
            request.parts.clear()
        self._side.release("body waits")

    def _reply(self, reply: Reply, request: ProxiedRequest) -> None:
        """Answer in the dependency's place; the rest of the request is read and dropped."""
        ends = not request.keeps_alive or request.upgrades or (request.expects and not request.is_complete)
        reason = HTTP_STATUS_CODES.get(reply.status, "Injected")
        headers = [*reply.headers, ("Content-Length", str(len(reply.body)))]
        if ends:
            headers.append(("Connection", "close"))
        lines = [f"HTTP/1.1 {reply.status} {reason}", *(f"{name}: {value}" for name, value in headers)]
        body = b"" if request.method == b"HEAD" else reply.body
        self._side.transport.write("\r\n".join([*lines, "\r\n"]).encode("latin-1") + body)
        request.is_dropped = True
        request.parts.clear()
        self._side.release("body waits")
        if ends:
            self._side.close()
        else:
            self._is_answered(request)

    # What the dependency answers.

    def answered(self, data: bytes) -> None:
        request, write = self._current, self._side.transport.write
        is_whole = request is not None and self._answer.feed(data)
        if self._gate is not None:
            self._gate.take(data)
        else:
            write(data)
        if self._answer.switched:
            self._switch()
        elif is_whole and request is not None:
            if self._gate is None:
                self._is_answered(request)
            else:
                self._gate.then(lambda: self._is_answered(request))

    def dependency_ended(self) -> None:
        if self._gate is not None:
            self._gate.then(self._side.close)
        else:
            self._side.close()

    def over(self) -> None:
        if self._current is not None:
            self._state.finished.add()
            self._current = None

    def _is_answered(self, request: ProxiedRequest) -> None:
        request.is_answered, self._gate = True, None
        if request.is_complete:
            self._done()

    def _done(self) -> None:
        self._state.finished.add()
        self._queue.popleft()
        self._current = None
        if self._after_upgrade is not None and not self._queue:
            rest, self._after_upgrade = self._after_upgrade, None
            self._parser = httptools.HttpRequestParser(self)
            self._side.release("upgrade")
            if rest:
                self.asked(rest)
        if self._queue and self._current is None:
            # Not here: a fault may answer each of a thousand pipelined requests at once.
            asyncio.get_running_loop().call_soon(self._go_on)
        elif self._side.ended and not self._queue:
            self._side.close()
        if len(self._queue) <= 1:
            self._side.release("answers are due")

    def _go_on(self) -> None:
        if self._queue and self._current is None and not self._side.transport.is_closing():
            self._next()

    # Other protocols.

    def _switch(self) -> None:
        """The dependency has changed the protocol: bytes pass from now on."""
        rest = self._after_upgrade or b""
        self._after_upgrade = None
        self.over()
        self._pass_bytes(rest, has_faults=False)
        self._side.release("upgrade")

    def _pass_bytes(
        self, data: bytes, protocols: tuple[str, ...] = ("http/1.1",), *, has_faults: bool = True
    ) -> None:
        turns = Turns(self._side, has_faults=has_faults, protocols=protocols)
        self._side.conversation = turns
        if data:
            turns.asked(data)
