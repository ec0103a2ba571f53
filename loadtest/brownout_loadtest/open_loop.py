"""Open-loop load in one process: hands each due arrival to an idle user.

In closed loop a user sends its next request when the last one has been answered: a service that stalls stops
its own load, and the requests that would have waited are never sent nor measured ("coordinated omission").
Here arrivals come when they are due. One that finds no idle user is dropped, and counted.
"""

from __future__ import annotations

import itertools
import logging
import time
from collections.abc import Callable, Iterator
from math import inf
from random import Random

import gevent
from gevent.event import AsyncResult
from locust import User
from locust.log import greenlet_exception_logger

from brownout_loadtest.alarm import alarm
from brownout_loadtest.arrivals import Schedule
from brownout_loadtest.gate import Gate
from brownout_loadtest.intended import put_wait
from brownout_loadtest.meter import LoadMeter
from brownout_loadtest.sharing import DECIDE_S, LEASE_S, ArrivalShare, Shares
from brownout_loadtest.waiting import WaitingRoom

logger = logging.getLogger(__name__)

LAST_S = 1.0
"""How long after the end of the schedule arrivals may go out that are late; then they are dropped."""

IN_A_ROW = 50
"""Arrivals handed out without a pause when they are late, before the users get to run."""


class OpenLoop:
    """Users wait for arrivals from `begin`; these come from the first `follow`, until `close`."""

    def __init__(self, meter: LoadMeter) -> None:
        self._meter = meter
        meter.oldest_wait_s = self._oldest_wait_s
        self._due = inf
        """When the next arrival of this process is due, by time.perf_counter."""
        self._called: dict[AsyncResult[float], float] = {}
        """When those were due whose user has been called and does not run yet."""
        self.wall: Callable[[], float] = time.time
        """Seconds since the epoch; the run's own clock, if it has one that doesn't step."""
        self._gate = Gate(self._await_arrival, self._let_in)
        self._random = Random()
        self._room: WaitingRoom[AsyncResult[float]] = WaitingRoom(self._random)
        self._shares = Shares()
        self._start = 0.0
        self._end: float | None = None
        self._wall_offset = 0.0
        self._dispatcher: gevent.Greenlet[..., None] | None = None
        self._is_silent = False
        self.is_open = False
        """Whether tasks wait for arrivals."""

    def begin(self, *, is_open: bool) -> None:
        """A load begins; if it is open-loop, users wait for arrivals from here on."""
        self._meter.is_open = self.is_open = is_open
        if is_open:
            self._open()

    def _open(self) -> None:
        self._shares = Shares()
        self._room = WaitingRoom(self._random)
        self._called.clear()
        self._gate.shut()

    def follow(
        self, schedule: Schedule, start_wall: float, share: ArrivalShare, *, for_good: bool = False
    ) -> None:
        """Send `share` of the schedule that started, or will start, at wall time `start_wall`.

        Called again with another share when workers come and go. `for_good`: the share needs no renewal by a
        master. Ignored while the loop isn't open: the load has ended on its way here.
        """
        if not self.is_open:
            return
        self._shares.announce(share)
        if self._dispatcher is None:
            self._wall_offset = self.wall() - time.perf_counter()
            self._start = start_wall - self._wall_offset
            self._end = schedule.end
            self._random.seed(f"{schedule.seed}:{share.index}")
            self._dispatcher = gevent.spawn(self._dispatch, schedule, share.since)
            self._dispatcher.link_exception(greenlet_exception_logger(logger))
        if for_good:
            self._shares.keep_for_good()
        self.heard()

    def heard(self) -> None:
        """Note a word from the master, which keeps the share alive."""
        self._is_silent = False
        self._shares.heard(time.perf_counter() - self._start)

    def pause(self) -> None:
        """No arrival after this, but for late ones; users that finish a task wait in vain."""
        if (dispatcher := self._dispatcher) is not None:  # one that has ended by itself is false
            dispatcher.join(LAST_S if self._is_past_end() else 0.0)
            dispatcher.kill()
            if self._dispatcher is dispatcher:  # a signal and the master's word may end it at the same time
                self._dispatcher = None

    def close(self) -> int:
        """Let tasks start as Locust starts them; returns how many were cut off by the end of the load."""
        self.pause()
        if not self.is_open:
            return 0
        self.is_open = False
        return self._gate.lift()

    def _is_past_end(self) -> bool:
        return self._end is not None and time.perf_counter() >= self._start + self._end

    def _dispatch(self, schedule: Schedule, since: float) -> None:
        waker = alarm()
        arrivals = schedule.arrivals(since)
        late = 0
        try:
            for number, due in arrivals:
                moment = self._start + due
                if moment - time.perf_counter() > DECIDE_S:
                    waker.until(moment - DECIDE_S / 2)
                if not self._shares.mine(number, due):
                    self._note_silence(due)
                    continue
                self._due = moment
                if moment > time.perf_counter():
                    waker.until(moment)
                    late = 0
                elif (late := late + 1) % IN_A_ROW == 0:
                    gevent.sleep(0)
                self._meter.offer(self._second(moment))
                self._hand_over(moment)
        except gevent.GreenletExit:
            self._drop_overdue(itertools.chain([(number, due)], arrivals))
            raise
        finally:
            self._due = inf
            waker.close()

    def _drop_overdue(self, arrivals: Iterator[tuple[int, float]]) -> None:
        """Count what should have been sent by now and won't be."""
        now = time.perf_counter() - self._start
        for number, due in itertools.takewhile(lambda arrival: arrival[1] <= now, arrivals):
            if self._shares.mine(number, due):
                second = self._second(self._start + due)
                self._meter.offer(second)
                self._meter.drop(second)

    def _note_silence(self, due: float) -> None:
        """Say it once when the master is lost, since arrivals are neither sent nor counted from then on."""
        if self._shares.is_cut_off(due) and not self._is_silent:
            self._is_silent = True
            logger.warning("No word from the master for %g s: sending nothing until there is", LEASE_S)

    def _hand_over(self, moment: float) -> None:
        turn = self._room.call() if self._dispatcher is not None else None
        if turn is None:
            self._meter.drop(self._second(moment))
        else:
            self._called[turn] = moment
            turn.set(moment)

    def _oldest_wait_s(self) -> float:
        now = time.perf_counter()
        return max(0.0, now - min(self._due, *self._called.values(), inf))

    def _await_arrival(self, user: User) -> None:
        """Block the calling user until an arrival is its own."""
        kind = type(user)
        turn: AsyncResult[float] = AsyncResult()
        self._room.wait(kind, turn)
        try:
            moment = turn.get()
        except BaseException:
            # Stopped while waiting; if an arrival was on its way to this user, it is for another one.
            self._called.pop(turn, None)
            if not self._room.give_up(kind, turn):
                self._hand_over(turn.get_nowait())
            raise
        del self._called[turn]
        now = time.perf_counter()
        self._meter.start(self._second(now), now - moment)
        put_wait(now - moment)

    def _let_in(self, user: User) -> None:
        """Count a user from its start until its end."""
        room, kind = self._room, type(user)
        room.enter(kind)
        user.greenlet.rawlink(lambda _: room.leave(kind))

    def _second(self, moment: float) -> int:
        """The wall second of a moment of time.perf_counter."""
        return int(moment + self._wall_offset)
