"""Input and output of a fleet process: one JSON document each way."""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec

from brownout_fleet.model import ForwardStatus

S = TypeVar("S", bound=msgspec.Struct)


class ServiceSpec(msgspec.Struct, frozen=True):
    """A service to run: `app` is what gunicorn loads, `config` its settings, `env` is added to ours.

    `unix_socket` lets the forwarder reach it by one, which costs less than TCP but carries no reset: not for
    a service whose faults include one.
    """

    name: str
    app: str
    config: str
    replicas: int = 2
    env: dict[str, str] = {}
    unix_socket: bool = False


class Supervision(msgspec.Struct, frozen=True):
    """Supervision of replicas; all in seconds."""

    restart_delay_s: float = 5.0
    """Time from the end of a replica to its next start: long enough to see what its absence does."""
    start_timeout_s: float = 30.0
    """A replica that isn't ready by then has failed: imports take a few seconds on a busy machine."""
    probe_interval_s: float = 1.0
    probe_timeout_s: float = 2.0
    probe_failures: int = 3
    """Probes missed in a row before a replica counts as unready: slow under load is not down."""


class BackendCapacity(msgspec.Struct, frozen=True):
    """How much a backend replica can do at once; see services/faults/brownout_faults/capacity.py."""

    concurrency: int | None = None
    """Requests in service at the same time; None: no limit."""
    service_time_ms: int = 0
    queue_limit: int = 100

    @property
    def environ(self) -> dict[str, str]:
        """The backend's environment variables."""
        if self.concurrency is None:
            return {}
        return {name.upper(): str(value) for name, value in msgspec.structs.asdict(self).items()}


class Compose(msgspec.Struct, frozen=True):
    """Further settings of a fleet on Docker Compose."""

    file: str | None = None
    """The Compose file; None: this project's own."""
    project: str | None = None
    """A project that runs already and stays; ".": the one that this container is of; None: a new one."""


class Kubernetes(msgspec.Struct, frozen=True):
    """Further settings of a fleet on Kubernetes."""

    namespace: str | None = None
    """None: the context's own, else "default"."""
    context: str | None = None
    """A context of the kubeconfig; None: the current one, or in a cluster that cluster."""
    client_selector: str = "app=client"
    backend_selector: str = "app=backend"
    """Label selectors of the two services' pods; the defaults are the lab's labels."""
    port: int = 5000
    """The port on which the pods of both services listen."""
    grace_s: int = 0
    """Seconds that a killed pod has to end; 0 kills it at once, as a crash would."""
    start_timeout_s: float = 60.0
    """How long to wait for pods that are starting; pulling an image takes a while."""


class CommandService(msgspec.Struct, frozen=True):
    """A service of the user's: a command that listens on the port that we give it.

    `{port}` and `{NAME}` of a dependency stand for their values, in the command and in the environment's
    values; the port is in the variable PORT as well.
    """

    name: str
    command: list[str]
    replicas: int = 1
    ready: str | None = None
    """A path that answers 2xx or 3xx when the service is ready; None: it is when its port accepts."""
    environment: dict[str, str] = {}
    cwd: str | None = None
    """The folder that the command runs in; None: the fleet process's own."""
    breaker: str | None = None
    """Path or URL where its circuit breakers are read; None: it is not known."""
    start_timeout_s: float = 30.0


class Dependency(msgspec.Struct, frozen=True):
    """What the service calls, behind a fault proxy: at a URL, or a command of the user's that we run too."""

    url: str | None = None
    """http://, https:// or tcp://host:port; beside a command, only its scheme and path are used."""
    command: list[str] | None = None
    ready: str | None = None
    environment: dict[str, str] = {}
    port: int = 0
    """Where the proxy listens; 0: any free port, the same over restarts of the proxy."""
    cwd: str | None = None


class Command(msgspec.Struct, frozen=True):
    """Settings of a fleet of the user's own processes.

    Without a service it runs elsewhere, and only the proxies are ours.
    """

    service: CommandService | None
    dependencies: dict[str, Dependency] = {}

    def replicas_by_service(self) -> dict[str, int]:
        """How many replicas are started, by each name that a service may be called."""
        own = self.service
        return {
            **({own.name: own.replicas, "client": own.replicas} if own else {}),
            **dict.fromkeys(self.dependencies, 1),
            "backend": len(self.dependencies),
        }


class FleetConfig(msgspec.Struct, frozen=True):
    """What to run. Port 0 means any free one; the token guards the API.

    `backends` and `clients` say how many replicas to start. A kind that starts no services uses the replicas
    that there are, with the `policy` (the preset that clients start with) and `capacity` that they have.
    """

    token: str
    log_dir: str
    kind: str = "local"
    """The name of a record in builtin_kinds.py."""
    backends: int = 2
    clients: int = 2
    client_port: int = 5001
    backend_port: int = 5002
    api_port: int = 0
    policy: str | None = None
    capacity: BackendCapacity = BackendCapacity()
    supervision: Supervision = Supervision()
    settings: dict[str, Any] = {}
    """What only this kind of fleet knows; see `settings_as`."""

    def replicas_by_service(self) -> dict[str, int]:
        """How many replicas are started, by each name that a service may be called."""
        if self.kind == "command":
            return self.settings_as(Command).replicas_by_service()
        return {"backend": self.backends, "client": self.clients}

    def settings_as(self, kind: type[S]) -> S:
        """The settings of this kind of fleet, with its defaults. Raises msgspec.ValidationError."""
        return msgspec.convert(self.settings, kind)


class FleetUp(msgspec.Struct, frozen=True, tag="up"):
    """The fleet is ready: where its API and its stable ports are; `seq` numbers the last event until then."""

    api: str
    forwards: list[ForwardStatus]
    seq: int = 0

    @property
    def target(self) -> str | None:
        """The stable URL of the service under test; None if that runs elsewhere."""
        return next((one.url for one in self.forwards if one.service == "client"), None)


class FleetFailed(msgspec.Struct, frozen=True, tag="failed"):
    """The fleet could not be started, and nothing of it is left."""

    message: str
