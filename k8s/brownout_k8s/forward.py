"""Port-forwarding alone: one stable port, spread over the ready pods of a target, for as long as it runs."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable

import msgspec

from brownout_fleet.config import Kubernetes
from brownout_fleet.forwarder import Forwarder, listening_sockets
from brownout_fleet.model import FleetError, Replica, ReplicaEvent
from brownout_fleet.roster import Roster
from brownout_k8s.access import Credentials
from brownout_k8s.api import Api
from brownout_k8s.fleet import KubernetesFleet
from brownout_k8s.target import Ports, resolve


async def forward(
    settings: Kubernetes,
    target: str,
    ports: Ports,
    up: Callable[[str, int, list[Replica]], None],
    say: Callable[[ReplicaEvent], None],
    kubeconfig: str | None = None,
) -> None:
    """Forward until a signal comes. `up` gets the URL, the pods' port and the pods; `say` what happens then.

    Raises FleetError.
    """
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, ended.set)
    running = asyncio.create_task(_forward(settings, target, ports, up, say, kubeconfig))
    ending = asyncio.create_task(ended.wait())
    await asyncio.wait({running, ending}, return_when=asyncio.FIRST_COMPLETED)
    ending.cancel()
    if running.done():
        await running
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def _forward(
    settings: Kubernetes,
    target: str,
    ports: Ports,
    up: Callable[[str, int, list[Replica]], None],
    say: Callable[[ReplicaEvent], None],
    kubeconfig: str | None,
) -> None:
    credentials = Credentials(settings.context, kubeconfig)
    access = await credentials.open()
    if access.context is None:
        raise FleetError("inside a cluster nothing needs forwarding: call the service by its name.")
    api = Api(credentials)
    try:
        group, port = await resolve(api, settings.namespace or access.namespace, target, ports.remote)
    finally:
        await api.close()
    roster = Roster()
    forwarder = Forwarder(target, roster, listening_sockets(_local(ports, port), "LOCAL:"))
    # What is asked of the cluster is asked for by now: a port that is taken would have been said before.
    fleet = KubernetesFleet(
        msgspec.structs.replace(settings, port=port), roster, kubeconfig, groups={target: group}
    )
    try:
        await fleet.start()
        await forwarder.start()
        up(forwarder.url, port, fleet.replicas())
        async for event in roster.watch(since=roster.seq):
            say(event)
    finally:
        await forwarder.stop()
        await fleet.stop()


def _local(ports: Ports, remote: int) -> int:
    return remote if ports.local is None else ports.local
