"""What a fleet is: replicas of services, and the events in their lives."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from enum import StrEnum
from typing import Literal, Protocol

import msgspec

from brownout_fleet.answers import Answers


class FleetError(Exception):
    """The fleet can't do what was asked; the message is a sentence for the user."""


class UnknownReplicaError(FleetError):
    """No replica has the name that was asked for."""


class NotRunningError(FleetError):
    """The replica is between two lives: there is nothing to kill."""


class PortTakenError(FleetError):
    """A stable port is in use by somebody else; nothing was started."""


class TunnelError(OSError):
    """The way to a replica is down, not the replica: a port-forward that could not be opened, or broke.

    `everywhere` says that no other replica can be reached either, `unanswered` that an HTTP request had been
    passed on of which no byte of an answer came back.
    """

    def __init__(self, message: str, everywhere: bool = False) -> None:
        super().__init__(message)
        self.everywhere = everywhere
        self.unanswered = False


class ReplicaPhase(StrEnum):
    """Where a replica is in its life."""

    STARTING = "starting"
    READY = "ready"
    UNREADY = "unready"  # runs, but doesn't answer its readiness probe any more
    GONE = "gone"  # ended; the fleet brings a new one back under the same name


class Replica(msgspec.Struct, frozen=True):
    """One replica as it is now.

    `url` is a loopback URL that reaches exactly this replica. `uid` changes with every life of it (a
    process, a pod), so that a kill can be proven. `started_at` is in seconds since the epoch, `restarts`
    counts the lives before this one. `socket` is the path of a Unix socket that reaches it as well, if there
    is one: the forwarder's way to it, which spares the kernel one of the two TCP connections of each request.

    `service` is the role: "client" for the service under test, "backend" for what stands for its
    dependencies. `breaker` is the path or URL where its circuit breakers are read; None: it is not known. A
    replica of the contract "own" is a service of the user's: it has no policy, no status and no counters of
    ours. `dependency` names the dependency that a fault proxy stands for.
    """

    name: str
    service: str
    url: str
    phase: ReplicaPhase
    uid: str
    started_at: float
    restarts: int = 0
    reason: str | None = None
    socket: str | None = None
    breaker: str | None = "/breaker"
    contract: Literal["lab", "own"] = "lab"
    dependency: str | None = None

    @property
    def address(self) -> tuple[str, int]:
        """Host and port of `url`."""
        host, _, port = self.url.removeprefix("http://").rpartition(":")
        return host.strip("[]"), int(port)

    @property
    def base_name(self) -> str:
        """The name of the service that it is a replica of: "shop" of "shop-0"."""
        base, _, number = self.name.rpartition("-")
        return base if base and number.isdecimal() else self.name


def replicas_meant(replicas: Iterable[Replica], text: str) -> list[Replica]:
    """Return the replica of this name, else those of the service of this name or role, ready ones first."""
    known = list(replicas)
    if named := [one for one in known if one.name == text]:
        return named
    found = [one for one in known if text in (one.service, one.base_name)]
    return sorted(found, key=lambda one: one.phase is not ReplicaPhase.READY)


EventKind = Literal["appeared", "ready", "unready", "gone", "tunnel"]


class ReplicaEvent(msgspec.Struct, frozen=True):
    """A change in a replica's phase, or, as "tunnel", in the way to it: its `reason` says what.

    Numbered without gaps from 1; `at` is in seconds since the epoch.
    """

    seq: int
    at: float
    kind: EventKind
    replica: Replica


class AnswerTotals(msgspec.Struct, frozen=True):
    """Answers that a forwarder has passed on, or given itself, since it began."""

    counted: int = 0
    """Final answers of HTTP/1.1 that are no redirects."""
    redirects: int = 0
    unreadable: int = 0
    """Connections of another protocol, whose answers are in no count."""

    def plus(self, connections: Iterable[Answers]) -> AnswerTotals:
        """Return the totals with those of these connections."""
        counted, redirects, unreadable = self.counted, self.redirects, self.unreadable
        for one in connections:
            counted += one.counted
            redirects += one.redirects
            unreadable += one.is_unreadable
        return AnswerTotals(counted, redirects, unreadable)


class ForwardStatus(msgspec.Struct, frozen=True):
    """A forwarder as it is now: `connections` maps each ready replica to those open through this port."""

    service: str
    url: str
    connections: dict[str, int]
    accepted: int
    refused: int
    tunnelled: bool = False
    """Whether replicas are reached by something that costs time and may break, not by their addresses."""
    answers: AnswerTotals = AnswerTotals()
    name: str = ""
    """What people call the service."""


class Fleet(Protocol):
    """Local processes, Compose, or Kubernetes: only the fleet knows which."""

    async def start(self) -> None:
        """Bring every replica up and wait until all are ready; raises FleetError, having stopped them."""

    async def stop(self) -> None:
        """End every replica; none is left when it returns."""

    def replicas(self, service: str | None = None) -> list[Replica]:
        """The replicas of one service, or all, in the order of their names."""

    async def kill(self, name: str) -> Replica:
        """End one replica abruptly; the fleet brings a new one back. Returns the one that ended.

        Raises UnknownReplicaError or NotRunningError.
        """

    def watch(self, since: int = 0) -> AsyncIterator[ReplicaEvent]:
        """The events after number `since`, then the new ones as they come."""
