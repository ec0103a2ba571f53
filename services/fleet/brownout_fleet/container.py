"""A container as the engine describes it, and the replica that it is. No IO."""

from __future__ import annotations

import signal
from datetime import datetime

import msgspec

from brownout_fleet.model import Replica, ReplicaPhase

PORT = "5000/tcp"
"""The port of both services in their containers."""
SERVICE_LABEL = "com.docker.compose.service"
NUMBER_LABEL = "com.docker.compose.container-number"
ONE_OFF_LABEL = "com.docker.compose.oneoff"
"""Says "True" on what `docker compose run` starts."""
PROJECT_LABEL = "com.docker.compose.project"
SIGNALLED = 128
"""An exit code above this is a signal's number and this."""


class Health(msgspec.Struct, rename="pascal"):
    """The verdict of the image's own health check: starting, healthy or unhealthy."""

    status: str


class DockerState(msgspec.Struct, rename="pascal"):
    """State of a container since its last start."""

    status: str
    started_at: str
    exit_code: int = 0
    oom_killed: bool = msgspec.field(default=False, name="OOMKilled")
    error: str = ""
    health: Health | None = None


class ContainerConfig(msgspec.Struct, rename="pascal"):
    """What a container was made from."""

    labels: dict[str, str] = {}


class Binding(msgspec.Struct, rename="pascal"):
    """Where a port is published."""

    host_ip: str
    host_port: str


class Attachment(msgspec.Struct, rename="pascal"):
    """A container's place in a network."""

    ip_address: str = msgspec.field(default="", name="IPAddress")


class NetworkSettings(msgspec.Struct, rename="pascal"):
    """A container's ports and addresses."""

    ports: dict[str, list[Binding] | None] | None = None
    networks: dict[str, Attachment] = {}


class Container(msgspec.Struct, rename="pascal"):
    """The part of `docker inspect` that a fleet needs."""

    id: str
    name: str
    state: DockerState
    config: ContainerConfig
    network_settings: NetworkSettings

    @property
    def service(self) -> str:
        """The service's name in the Compose file."""
        return self.config.labels.get(SERVICE_LABEL, "")

    @property
    def replica_name(self) -> str:
        """Service and number, as in Compose's own names: `backend-1`."""
        return f"{self.service}-{self.config.labels.get(NUMBER_LABEL, '0')}"

    @property
    def runs(self) -> bool:
        """Whether it has a process at present, if only a paused one."""
        return self.state.status in ("running", "paused")

    @property
    def uid(self) -> str:
        """Another one for each life: a killed container starts again under its old id, but later."""
        return f"{self.id[:12]}@{self.state.started_at}"

    @property
    def started_at(self) -> float:
        """The start of its present or last life, in seconds since the epoch."""
        return datetime.fromisoformat(self.state.started_at).timestamp()

    @property
    def log_since(self) -> str:
        """The same with all digits, as the engine wants it, so that no older log line is included."""
        moment, _, fraction = self.state.started_at.removesuffix("Z").partition(".")
        return f"{datetime.fromisoformat(moment + '+00:00').timestamp():.0f}.{fraction or 0}"

    def url(self, network: str | None = None) -> str:
        """Where it is reached: its published loopback port, or its own address in `network`; "" without."""
        if network is not None:
            address = self.network_settings.networks.get(network, Attachment()).ip_address
            return f"http://{address}:{PORT.partition('/')[0]}" if address else ""
        bindings = (self.network_settings.ports or {}).get(PORT) or []
        return next((f"http://127.0.0.1:{one.host_port}" for one in bindings if ":" not in one.host_ip), "")


def replica_of(container: Container, name: str, url: str, restarts: int) -> Replica:
    """A replica at the start of a life of its container."""
    return Replica(
        name=name,
        service=container.service,
        url=url,
        phase=ReplicaPhase.STARTING,
        uid=container.uid,
        started_at=container.started_at,
        restarts=restarts,
    )


def phase_of(
    container: Container, probed: ReplicaPhase, reason: str | None
) -> tuple[ReplicaPhase, str | None]:
    """The phase of a running container, and why: the probes, Docker's health check and a pause decide."""
    if container.state.status == "paused":
        return ReplicaPhase.UNREADY, "paused"
    health = container.state.health
    if probed is ReplicaPhase.READY and health is not None and health.status == "unhealthy":
        return ReplicaPhase.UNREADY, "unhealthy, says its health check"
    return probed, reason


def ending(state: DockerState) -> str:
    """Return a sentence about how a container ended."""
    if state.oom_killed:
        return "killed for its memory (OOM)"
    if state.error:
        return f"could not be started: {state.error}"
    try:
        return f"ended by {signal.Signals(state.exit_code - SIGNALLED).name}"
    except ValueError:
        return f"exited with code {state.exit_code}"
