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
from collections.abc import Mapping
from typing import Protocol

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


async def run(config: FleetConfig, lifeline: asyncio.Event, make_fleet: MakeFleet) -> FleetFailed | None:
    """Start everything, announce it on standard output, and stop it all when the lifeline ends."""
    roster = Roster()
    forwarders: list[Forwarder] = []
    fleet: Fleet | None = None
    try:
        for service, port, option in (
            ("client", config.client_port, "--client-port"),
            ("backend", config.backend_port, "--backend-port"),
        ):
            forwarders.append(Forwarder(service, roster, listening_sockets(port, option)))
            await forwarders[-1].start()
        forwarders[0].leads_to(forwarders[1])
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


async def main(make_fleet: MakeFleet) -> int:
    """Run a fleet as standard input says; PASSED after a fleet that was up, UNABLE after one that failed."""
    raise_limit()  # each forwarded connection takes two descriptors
    line, lifeline = await read_from_parent()
    failed = await run(msgspec.json.decode(line, type=FleetConfig), lifeline, make_fleet)
    if failed:
        announce(failed)
    return Exit.UNABLE if failed else Exit.PASSED
