"""What a fleet process is told, and what it answers: one JSON document each way."""

from __future__ import annotations

import msgspec

from services.fleet.model import ForwardStatus


class ServiceSpec(msgspec.Struct, frozen=True):
    """A service to run: `app` is what gunicorn loads, `config` its settings, `env` is added to ours."""

    name: str
    app: str
    config: str
    replicas: int = 2
    env: dict[str, str] = {}


class Supervision(msgspec.Struct, frozen=True):
    """How replicas are looked after; all in seconds."""

    restart_delay_s: float = 5.0
    """From the end of a replica to its next start: long enough to see what its absence does."""
    start_timeout_s: float = 30.0
    """A replica that isn't ready by then has failed: imports take a few seconds on a busy machine."""
    probe_interval_s: float = 1.0
    probe_timeout_s: float = 2.0
    probe_failures: int = 3
    """Probes missed in a row before a replica counts as unready: slow under load is not down."""


class FleetConfig(msgspec.Struct, frozen=True):
    """What to run. Port 0 means any free one; the token guards the API."""

    token: str
    log_dir: str
    backends: int = 2
    clients: int = 2
    client_port: int = 5001
    backend_port: int = 5002
    api_port: int = 0
    policy: str | None = None
    supervision: Supervision = Supervision()


class FleetUp(msgspec.Struct, frozen=True, tag="up"):
    """The fleet is ready: where its API and its stable ports are."""

    api: str
    forwards: list[ForwardStatus]


class FleetFailed(msgspec.Struct, frozen=True, tag="failed"):
    """The fleet could not be started, and nothing of it is left."""

    message: str
