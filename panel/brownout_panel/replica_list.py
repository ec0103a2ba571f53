"""Keeps the list of the fleet's replicas: read at every event, and each second in case an event was lost."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator

import gevent
from gevent.event import Event
from gevent.lock import BoundedSemaphore

from brownout_fleet.model import FleetError, Replica, ReplicaEvent

LIST_S = 1.0
RECONNECT_S = 0.5

logger = logging.getLogger(__name__)


class ReplicaList:
    """The replicas as the fleet last listed them."""

    def __init__(
        self,
        replicas: Callable[[], list[Replica]],
        events: Callable[[int], Iterator[ReplicaEvent]] | None,
        listed: Callable[[], None],
    ) -> None:
        """`listed` is called after each listing."""
        self.replicas: list[Replica] = []
        self.ready_at: dict[str, float] = {}
        """Moments by uid: when a replica became ready, in seconds since the epoch."""
        self._list = replicas
        self._events = events
        self._listed = listed
        self._news = Event()
        self._asking = BoundedSemaphore()
        self._greenlets: list[gevent.Greenlet] = []

    def start(self) -> None:
        """List once, and keep listing in greenlets."""
        self.list_now()
        self._greenlets = [gevent.spawn(self._keep_listing)]
        if self._events:
            self._greenlets.append(gevent.spawn(self._watch, self._events))

    def stop(self) -> None:
        """End the greenlets."""
        gevent.killall(self._greenlets)

    def list_now(self) -> None:
        """Ask the fleet. One at a time, so that an old answer never follows a newer one."""
        with self._asking:
            try:
                self.replicas = self._list()
            except FleetError as error:
                logger.debug("%s", error)
                return
            present = {one.uid for one in self.replicas}
            self.ready_at = {uid: at for uid, at in self.ready_at.items() if uid in present}
            self._listed()

    def _keep_listing(self) -> None:
        while True:
            self._news.wait(LIST_S)
            self._news.clear()
            self.list_now()

    def _watch(self, events: Callable[[int], Iterator[ReplicaEvent]]) -> None:
        """An event only says that a new list is worth asking for: an older list can't undo a newer event."""
        seen = 0
        while True:
            try:
                for event in events(seen):
                    seen = event.seq
                    if event.kind == "ready":
                        self.ready_at.setdefault(event.replica.uid, event.at)
                    self._news.set()
            except FleetError as error:
                logger.debug("%s", error)
            gevent.sleep(RECONNECT_S)
