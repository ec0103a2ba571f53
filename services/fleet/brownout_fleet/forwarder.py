"""One stable loopback port for a service, spread over the replicas that are ready.

Where `kubectl port-forward svc/…` picks one pod at the start, this follows the roster: a connection goes to
the ready replica with the fewest; a replica that refuses is passed over at once; when one appears, the
others hand connections over to it between two requests.
"""

from __future__ import annotations

import asyncio
import errno
import socket
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine
from itertools import islice
from typing import Any, cast

from brownout_fleet.balancer import least_loaded, surplus
from brownout_fleet.connect import connect_to_address
from brownout_fleet.descriptors import is_scarce
from brownout_fleet.model import (
    AnswerTotals,
    FleetError,
    ForwardStatus,
    PortTakenError,
    ReplicaEvent,
    ReplicaPhase,
    TunnelError,
    UnknownReplicaError,
)
from brownout_fleet.relay import NoReplicaError, Relay, Upstream
from brownout_fleet.roster import Roster
from brownout_terms.limits import FORWARDER_LIMIT, limit_of

LOOPBACK = (("127.0.0.1", socket.AF_INET), ("::1", socket.AF_INET6))


def listening_sockets(port: int, option: str) -> list[socket.socket]:
    """Sockets on `port` of both loopback addresses; port 0 picks one that is free on both.

    Raises PortTakenError, naming the command-line option that changes the port.
    """
    for _ in range(20):
        opened: list[socket.socket] = []
        chosen = port
        try:
            for host, family in LOOPBACK:
                opened += _listen(host, family, chosen)
                chosen = opened[0].getsockname()[1]
            return opened
        except OSError as error:
            for sock in opened:
                sock.close()
            if error.errno != errno.EADDRINUSE:
                raise FleetError(f"can't listen on port {port}: {error.strerror}") from error
        if port:
            break
    raise PortTakenError(f"port {port} is taken by another program.\n\nChoose a free one with {option} PORT.")


def _listen(host: str, family: int, port: int) -> list[socket.socket]:
    """One socket, or none where the machine has no IPv6."""
    try:
        sock = socket.socket(family, socket.SOCK_STREAM)
    except OSError:
        return []
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        sock.bind((host, port))
        sock.listen(1024)
    except OSError as error:
        sock.close()
        if family == socket.AF_INET6 and error.errno in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT):
            return []
        raise
    return [sock]


class ListeningPort:
    """Listening sockets, and what serves them."""

    def __init__(self, sockets: list[socket.socket]) -> None:
        self.number: int = sockets[0].getsockname()[1]
        self._sockets = sockets
        self._servers: list[asyncio.Server] = []

    async def serve(self, protocol: Callable[[], asyncio.Protocol]) -> None:
        """Accept connections."""
        loop = asyncio.get_running_loop()
        for sock in self._sockets:
            # In two steps: cancelled in the middle of one, it would listen on a socket that `close` does not
            # know to be served, and the loop would take the next one of that number for it.
            server = await loop.create_server(protocol, sock=sock, backlog=1024, start_serving=False)
            self._servers.append(server)
            await server.start_serving()

    def close(self) -> None:
        """Accept no more, however far `serve` has come."""
        for server in self._servers:
            server.close()
        for sock in self._sockets[len(self._servers) :]:
            sock.close()


class Forwarder:
    """Relays the connections of one service's port."""

    def __init__(
        self, service: str, roster: Roster, sockets: list[socket.socket], name: str | None = None
    ) -> None:
        """`service` is the role of the replicas; `name` is what people call them, if it is another."""
        self.service = service
        self.name = name or service
        self.before: Forwarder | None = None
        self.behind: Forwarder | None = None
        """That of the service which this one calls, if its calls may come through here as well."""
        self._ports = ListeningPort(sockets)
        self.port = self._ports.number
        self._roster = roster
        self._relays: set[Relay] = set()
        self._half_closed: dict[Relay, None] = {}  # their client sends no more; oldest first
        self._tasks: set[asyncio.Task[None]] = set()
        self._dialling: dict[Relay, float] = {}  # since when each waits for a replica; oldest first
        self._accepted = self._refused = 0
        self._answers = AnswerTotals()  # of connections that have ended
        self._base = 0  # descriptors that are no connections'
        # How many connections each ready replica holds. Kept up to date, since each new one asks.
        self._load = Counter({r.name: 0 for r in roster.replicas(service) if r.phase is ReplicaPhase.READY})
        roster.listen(self._on_event)

    @property
    def url(self) -> str:
        """The stable URL of the service."""
        return f"http://127.0.0.1:{self.port}"

    def leads_to(self, behind: Forwarder) -> None:
        """Expect that requests which come through here cause connections through `behind`."""
        self.behind, behind.before = behind, self

    async def start(self) -> None:
        """Accept connections."""
        await self._ports.serve(lambda: Relay(self, self._spawn))

    async def stop(self) -> None:
        """Close the port and every connection through it."""
        self._ports.close()
        for task in self._tasks:
            task.cancel()
        for relay in list(self._relays):
            relay.transport.abort()
        await asyncio.sleep(0)

    def status(self) -> ForwardStatus:
        """What the port carries now."""
        tunnelled = self._roster.connect is not connect_to_address
        answers = self._answers.plus(relay.answers for relay in self._relays)
        return ForwardStatus(
            self.service,
            self.url,
            dict(self._load),
            self._accepted,
            self._refused,
            tunnelled,
            answers,
            self.name,
        )

    def oldest_wait_s(self) -> float:
        """Return for how long the connection has waited for a replica that has waited longest."""
        now = time.monotonic()
        return now - next(iter(self._dialling.values()), now)

    # What a relay asks of its forwarder.

    def opened(self, relay: Relay) -> None:
        """Count a connection in."""
        self._accepted += 1
        self._relays.add(relay)

    def half_closed(self, relay: Relay) -> None:
        """Remember a connection whose client sends no more: it may be given up for want of descriptors."""
        self._half_closed[relay] = None

    def closed(self, relay: Relay) -> None:
        """Count a connection out."""
        self._relays.discard(relay)
        self._answers = self._answers.plus([relay.answers])
        self._half_closed.pop(relay, None)
        self._let_go(relay)

    async def dial(self, relay: Relay) -> Upstream:
        """Connect to the ready replica with the fewest connections; raises NoReplicaError if none answers."""
        self._dialling[relay] = time.monotonic()
        try:
            return await self._connect(relay)
        finally:
            self._dialling.pop(relay, None)

    async def _connect(self, relay: Relay) -> Upstream:
        self._let_go(relay)
        if is_scarce(self._used(relay), self._promised()) and not self._make_room():
            self._refused += 1
            raise NoReplicaError("tunnel", FORWARDER_LIMIT)
        tried: set[str] = set()
        broken: TunnelError | None = None
        while (name := least_loaded(self._load, tried)) is not None:
            tried.add(name)
            relay.replica = name
            self._load[name] += 1
            try:
                return await self._roster.connect(lambda: Upstream(relay), self._roster.get(name))
            except TunnelError as error:
                broken = error
                if error.everywhere:
                    self._let_go(relay)
                    break
            except (OSError, TimeoutError, UnknownReplicaError) as error:
                if limit_of(error):
                    broken = TunnelError(FORWARDER_LIMIT)
            self._let_go(relay)
        self._refused += 1
        if broken:
            raise NoReplicaError("tunnel", str(broken))
        raise NoReplicaError("no-ready-replica", self._why_none())

    def _used(self, relay: Relay) -> int:
        """Descriptors that are open, with those that connections are about to open.

        The number of the relay's own says it only as long as no connection has ended: it is then the lowest
        of those that have become free.
        """
        descriptor: int = relay.transport.get_extra_info("socket").fileno()
        relays = sum(len(f._relays) for f in (self, self.before, self.behind) if f)
        if relays == 1:
            self._base = descriptor
        each = 2 if self._roster.connect is connect_to_address else 1  # tunnels share theirs
        return max(descriptor, self._base + each * relays)

    def _promised(self) -> int | None:
        """Descriptors for connections to the service behind this one that its requests have yet to cause.

        Without them a request would be let in and fail on its second way, as the service's own error.
        """
        behind = self.behind
        if behind is None or not behind._accepted:
            return None
        return 2 * max(0, len(self._relays) - len(behind._relays))

    def _make_room(self) -> bool:
        """Give up as many half-closed connections as a new one needs; False if there are not so many.

        Most of their clients have timed out and gone, which looks the same as a half-close. A replica that is
        slow would keep them here until its answer, which nobody waits for.
        """
        if self.behind is None:
            return self._give_up(1) == 1
        given_up = self.behind._give_up(2)
        return given_up + self._give_up(2 - given_up) == 2

    def _give_up(self, count: int) -> int:
        """Refuse the oldest half-closed connections, at most `count`; return how many those were."""
        oldest = list(islice(self._half_closed, count))
        for relay in oldest:
            del self._half_closed[relay]
            relay.give_up(NoReplicaError("tunnel", FORWARDER_LIMIT))
        return len(oldest)

    def _let_go(self, relay: Relay) -> None:
        if relay.replica is not None and relay.replica in self._load:
            self._load[relay.replica] -= 1
        relay.replica = None

    def _why_none(self) -> str:
        phases = Counter(replica.phase for replica in self._roster.replicas(self.service))
        there = ", ".join(f"{count} {phase}" for phase, count in phases.items()) or "none exists"
        return f"no replica of {self.name} could be reached ({there})"

    def _spawn(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(cast(Coroutine[Any, Any, None], work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _on_event(self, event: ReplicaEvent) -> None:
        replica = event.replica
        if replica.service != self.service or event.kind == "tunnel":
            return
        if replica.phase is ReplicaPhase.READY:
            held = sum(1 for relay in self._relays if relay.replica == replica.name)
            self._load[replica.name] = held
            self._rebalance()
            return
        self._load.pop(replica.name, None)
        for relay in self._relays:
            if relay.replica == replica.name:
                if replica.phase is ReplicaPhase.GONE:
                    relay.abort()
                elif self._load:  # it finishes what it has; the next request goes where it is wanted
                    relay.hand_over(True)

    def _rebalance(self) -> None:
        """Ask the replicas that hold too many connections to hand some over, between two requests."""
        excess = surplus(self._load)
        for relay in self._relays:
            if relay.replica not in self._load:
                continue  # of a replica that is not ready: it may be on its way out of there already
            left = excess.get(relay.replica or "", 0)
            relay.hand_over(left > 0)
            if left:
                excess[cast(str, relay.replica)] = left - 1
