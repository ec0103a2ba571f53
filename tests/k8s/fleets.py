"""A fleet on a fake cluster, for tests."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from brownout_fleet.config import Kubernetes
from brownout_fleet.model import Replica, ReplicaPhase
from brownout_fleet.roster import Roster
from brownout_k8s.fleet import KubernetesFleet
from tests.fleet.aio import eventually
from tests.k8s.cluster import Cluster
from tests.k8s.documents import write_kubeconfig


@asynccontextmanager
async def fleet_on(
    cluster: Cluster, folder: Path, roster: Roster | None = None, **settings: Any
) -> AsyncIterator[KubernetesFleet]:
    """A fleet that is up."""
    fleet = fleet_for(cluster, folder, roster, **settings)
    await fleet.start()
    try:
        yield fleet
    finally:
        await fleet.stop()


def fleet_for(
    cluster: Cluster, folder: Path, roster: Roster | None = None, **settings: Any
) -> KubernetesFleet:
    """A fleet, unstarted."""
    config = write_kubeconfig(folder / "kubeconfig", cluster.port)
    return KubernetesFleet(Kubernetes(**settings), roster or Roster(), str(config))


def named(fleet: KubernetesFleet, name: str) -> Replica | None:
    """The replica of that name, if it is listed."""
    return next((one for one in fleet.replicas() if one.name == name), None)


async def comes(fleet: KubernetesFleet, name: str, phase: ReplicaPhase) -> Replica:
    """Wait until a replica is in a phase."""

    def there() -> bool:
        replica = named(fleet, name)
        return replica is not None and replica.phase is phase

    await eventually(there, f"{name} to be {phase}")
    found = named(fleet, name)
    assert found is not None
    return found
