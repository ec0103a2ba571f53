"""What stands between the dependency's answer and the service while a fault cuts or slows it."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable

from brownout_faults.active_faults import ActiveFaults
from brownout_faults.course import Ending
from brownout_faults.effects import Cut
from brownout_faults.throttling import pieces
from brownout_fleet.proxy.connection import ServiceSide

_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d+)", re.IGNORECASE)
_INTERIM = re.compile(rb"HTTP/1\.\d 1\d\d")
_HEAD_END = b"\r\n\r\n"


class AnswerGate:
    """Passes one answer on, up to where it is cut, at the pace that is asked for."""

    def __init__(self, side: ServiceSide, ending: Ending, active: ActiveFaults, *, is_http: bool) -> None:
        self._side = side
        self._active = active
        self._rate = ending.bytes_per_s
        self._cut = ending.effect if isinstance(ending.effect, Cut) else None
        self._head: bytes | None = b"" if is_http and self._cut else None
        self._left = self._cut.after_bytes if self._cut else None
        self._waiting: deque[bytes] = deque()
        self._paces = False
        self._then: Callable[[], None] | None = None
        self._is_cut = False

    def take(self, data: bytes) -> None:
        """Take the next bytes of the answer."""
        if self._is_cut:
            return
        if self._head is not None:
            data = self._after_head(self._head + data)
        if self._cut and self._head is None and data:
            self._take_body(data)
        else:
            self._pass(data)

    def then(self, act: Callable[[], None]) -> None:
        """Do this once all that was taken is on its way; after a cut never, since the connection ends."""
        if self._is_cut:
            return
        if self._paces:
            self._then = act
        else:
            act()

    def _after_head(self, data: bytes) -> bytes:
        """Pass the head on, and return what follows it; nothing while it isn't whole."""
        while True:
            end = data.find(_HEAD_END)
            if end < 0:
                self._head = data
                return b""
            head, data = data[: end + 4], data[end + 4 :]
            self._pass(head)
            if not _INTERIM.match(head):
                self._head = None
                length = _LENGTH.search(head)
                if self._left is None and length:
                    self._left = int(length[1]) // 2
                return data

    def _take_body(self, data: bytes) -> None:
        if self._left is None:  # an answer whose length isn't announced
            self._left = len(data) // 2
        if len(data) <= self._left:
            self._left -= len(data)
            self._pass(data)
            return
        self._pass(data[: self._left])
        end = self._side.close
        self.then(end)
        self._is_cut = True

    def _pass(self, data: bytes) -> None:
        if self._rate is None:
            self._side.transport.write(data)
            return
        self._waiting.extend(pieces(data, self._rate))
        if self._waiting and not self._paces:
            self._paces = True
            self._side.hold_answer("answer is slowed")
            self._side.spawn(self._pace(self._rate))

    async def _pace(self, rate: float) -> None:
        goes_on = True
        while self._waiting:
            piece = self._waiting.popleft()
            goes_on = goes_on and await self._active.sleep_async(len(piece) / rate)
            self._side.transport.write(piece)
        self._paces = False
        if not goes_on:
            self._rate = None
        self._side.release_answer("answer is slowed")
        if self._then:
            self._then()
