"""The fleet process: a fleet of any kind, its forwarders and its API on one event loop.

    python -m brownout_fleet

`python -m brownout_k8s` is the same with a fleet on Kubernetes, of which this room knows nothing. It reads
one line of JSON from standard input (`FleetConfig`), prints one line when it is up (`FleetUp`) or has failed
(`FleetFailed`), and ends when standard input does: the pipe is its lifeline to whoever started it.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import NamedTuple, Protocol

import msgspec

from brownout_fleet.api import FleetAPI
from brownout_fleet.config import FleetConfig, FleetFailed, FleetUp
from brownout_fleet.forwarder import Forwarder, listening_sockets
from brownout_fleet.health import Watchdog
from brownout_fleet.http import Server
from brownout_fleet.model import Fleet, FleetError
from brownout_fleet.roster import Roster
from brownout_terms.descriptors import raise_limit
from brownout_terms.exits import Exit


class MakeFleet(Protocol):
    """Makes the fleet that a configuration asks for, unstarted. Raises FleetError."""

    def __call__(self, config: FleetConfig, roster: Roster, urls: Mapping[str, str]) -> Fleet:
        """`urls` are the stable URLs by service, which are up already."""


class StablePort(NamedTuple):
    """A port that leads to the ready replicas of a service."""

    service: str
    """Role of the replicas."""
    name: str
    """What people call the service."""
    port: int
    option: str
    """The option of commands that chooses another port."""


def client_port(config: FleetConfig, name: str = "client") -> StablePort:
    """The port of the service under test."""
    return StablePort("client", name, config.client_port, "--client-port")


def both_ports(config: FleetConfig) -> list[StablePort]:
    """The ports of the lab's two services."""
    return [client_port(config), StablePort("backend", "backend", config.backend_port, "--backend-port")]


StablePorts = Callable[[FleetConfig], list[StablePort]]


async def run(
    config: FleetConfig,
    lifeline: asyncio.Event,
    make_fleet: MakeFleet,
    stable_ports: StablePorts = both_ports,
) -> FleetFailed | None:
    """Start everything, announce it on standard output, and stop it all when the lifeline ends."""
    roster = Roster()
    forwarders: list[Forwarder] = []
    fleet: Fleet | None = None
    try:
        for one in stable_ports(config):
            sockets = listening_sockets(one.port, one.option)
            forwarders.append(Forwarder(one.service, roster, sockets, one.name))
            await forwarders[-1].start()
        for before, behind in pairwise(forwarders):
            before.leads_to(behind)
        urls = {forwarder.service: forwarder.url for forwarder in forwarders}
        fleet = make_fleet(config, roster, urls)
        await _serve(config, fleet, roster, forwarders, lifeline)
    except FleetError as error:
        return FleetFailed(str(error))
    finally:
        if fleet is not None:
            await fleet.stop()
        for forwarder in forwarders:
            await forwarder.stop()
    return None


async def _serve(
    config: FleetConfig, fleet: Fleet, roster: Roster, forwarders: list[Forwarder], lifeline: asyncio.Event
) -> None:
    watchdog = Watchdog()
    watching = asyncio.create_task(watchdog.watch())
    starting = asyncio.create_task(fleet.start())
    await asyncio.sleep(0)
    (listener,) = listening_sockets(config.api_port, "--api-port")[:1]
    server = Server(FleetAPI(fleet, forwarders, config.token, watchdog).answer)
    await server.start(listener)
    try:
        ended = asyncio.create_task(lifeline.wait())
        await asyncio.wait({starting, ended}, return_when=asyncio.FIRST_COMPLETED)
        if starting.done():
            await starting
            port = listener.getsockname()[1]
            statuses = [forwarder.status() for forwarder in forwarders]
            announce(FleetUp(f"http://127.0.0.1:{port}", statuses, roster.seq))
            await ended
        starting.cancel()
        ended.cancel()
    finally:
        watching.cancel()
        await server.close()


def announce(message: msgspec.Struct) -> None:
    """Print one line for the parent; a parent that is gone is told by its lifeline."""
    with contextlib.suppress(BrokenPipeError):
        sys.stdout.buffer.write(msgspec.json.encode(message) + b"\n")
        sys.stdout.flush()


async def read_from_parent() -> tuple[bytes, asyncio.Event]:
    """What the parent writes first, and an event for its end, or for being told to end by a signal."""
    loop = asyncio.get_running_loop()
    line = await loop.run_in_executor(None, sys.stdin.buffer.readline)
    lifeline = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, lifeline.set)
    loop.add_reader(
        sys.stdin.fileno(), lambda: lifeline.set() if not os.read(sys.stdin.fileno(), 4096) else None
    )
    return line, lifeline


async def main(make_fleet: MakeFleet, stable_ports: StablePorts = both_ports) -> int:
    """Run a fleet as standard input says; PASSED after a fleet that was up, UNABLE after one that failed."""
    raise_limit()  # each forwarded connection takes two descriptors
    line, lifeline = await read_from_parent()
    failed = await run(msgspec.json.decode(line, type=FleetConfig), lifeline, make_fleet, stable_ports)
    if failed:
        announce(failed)
    return Exit.UNABLE if failed else Exit.PASSED
