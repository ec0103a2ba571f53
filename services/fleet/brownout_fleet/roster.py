"""The replicas' present state, and the numbered log of its changes."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Callable

import msgspec

from brownout_fleet.connect import Connect, connect_to_address
from brownout_fleet.model import (
    EventKind,
    Replica,
    ReplicaEvent,
    ReplicaPhase,
    UnknownReplicaError,
    replicas_meant,
)

LOG_LENGTH = 10_000
"""Events kept: a replica killed every second for an hour, three events a life, fits."""

_KINDS: dict[ReplicaPhase, EventKind] = {
    ReplicaPhase.STARTING: "appeared",
    ReplicaPhase.READY: "ready",
    ReplicaPhase.UNREADY: "unready",
    ReplicaPhase.GONE: "gone",
}

Listener = Callable[[ReplicaEvent], None]


class Roster:
    """The replicas by name. A fleet puts changes in; the forwarders and the API's watchers get them.

    Listeners are called at once, within `put`: a forwarder never picks a replica that is known to be gone.
    """

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self.connect: Connect = connect_to_address
        """How forwarders reach the replicas; a fleet may bring another way."""
        self._clock = clock
        self._replicas: dict[str, Replica] = {}
        self._log: deque[ReplicaEvent] = deque(maxlen=LOG_LENGTH)
        self._seq = 0
        self._listeners: list[Listener] = []
        self._changed = asyncio.Event()

    def put(self, replica: Replica) -> None:
        """Take in a replica's new state; an event follows when its phase or its life changed."""
        before = self._replicas.get(replica.name)
        self._replicas[replica.name] = replica
        if before and (before.phase, before.uid) == (replica.phase, replica.uid):
            return
        self._log_event(_KINDS[replica.phase], replica)

    def note(self, name: str, reason: str) -> None:
        """Tell of the way to a replica: an event of kind "tunnel"; its state stays as it is."""
        if name in self._replicas:
            self._log_event("tunnel", msgspec.structs.replace(self._replicas[name], reason=reason))

    def forget(self, name: str) -> None:
        """A replica whose name never comes back is listed no more; its events stay in the log."""
        self._replicas.pop(name, None)

    def _log_event(self, kind: EventKind, replica: Replica) -> None:
        self._seq += 1
        event = ReplicaEvent(self._seq, self._clock(), kind, replica)
        self._log.append(event)
        for listener in self._listeners:
            listener(event)
        self._changed.set()
        self._changed = asyncio.Event()

    def get(self, name: str) -> Replica:
        """The replica of that name; raises UnknownReplicaError, naming those that exist."""
        try:
            return self._replicas[name]
        except KeyError:
            names = ", ".join(sorted(self._replicas)) or "none"
            raise UnknownReplicaError(f'there is no replica "{name}"; there are: {names}') from None

    def meant(self, text: str) -> Replica:
        """The replica of that name, else the first ready one of a service of that name.

        Raises UnknownReplicaError.
        """
        found = replicas_meant(self.replicas(), text)
        return found[0] if found else self.get(text)

    def replicas(self, service: str | None = None) -> list[Replica]:
        """The replicas of one service, or all, in the order of their names."""
        chosen = [r for r in self._replicas.values() if service in (None, r.service)]
        return sorted(chosen, key=lambda r: (r.service, len(r.name), r.name))

    @property
    def seq(self) -> int:
        """The number of the last event; 0 before the first."""
        return self._seq

    def listen(self, listener: Listener) -> None:
        """Call `listener` with every event from now on."""
        self._listeners.append(listener)

    async def watch(self, since: int = 0) -> AsyncIterator[ReplicaEvent]:
        """The events after number `since` that are still kept, then the new ones as they come."""
        while True:
            changed = self._changed
            for event in [e for e in self._log if e.seq > since]:
                since = event.seq
                yield event
            if since >= self._seq:
                await changed.wait()
