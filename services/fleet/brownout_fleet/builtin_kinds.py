"""The records of the fleets that brownout has itself. A new kind is one more record here, and its module."""

from __future__ import annotations

from brownout_fleet.config import Kubernetes
from brownout_fleet.kind import FleetKind, FleetOption

_K8S = Kubernetes()

LOCAL = FleetKind(
    name="local",
    module="brownout_fleet",
    replicas="processes on this machine",
    checks="brownout_fleet.local_checkup:findings",
)

COMMAND = FleetKind(
    name="command",
    module="brownout_fleet",
    replicas="processes of your own service",
    typed=False,
    takes=frozenset({"restart_delay"}),
)

COMPOSE = FleetKind(
    name="compose",
    module="brownout_fleet",
    replicas="containers of Docker Compose",
    start_timeout_s=60.0,  # a container starts from a cold file system
    stop_timeout_s=30.0,  # a busy engine takes its time to remove containers
    checks="brownout_fleet.compose_checkup:findings",
    needs=("aiohttp",),
    extra="compose",
    options=(
        FleetOption(
            "compose_file",
            "the Compose file",
            "file",
            default_help="this project's",
            metavar="FILE",
            setting="file",
            for_new=True,
        ),
        FleetOption(
            "project",
            "use a Compose project that runs already, and leave it running",
            metavar="NAME",
            in_locust=False,
            finds_running=True,
        ),
    ),
)

KUBERNETES = FleetKind(
    name="k8s",
    module="brownout_k8s",
    replicas="pods of a Kubernetes cluster",
    starts_services=False,
    takes=frozenset(),
    makes_load=True,
    checks="brownout_k8s.checkup:findings",
    experiment_variables="brownout_k8s.access:experiment_variables",
    needs=("kubernetes", "aiohttp"),
    extra="k8s",
    options=(
        FleetOption("namespace", "the pods' namespace", default_help="the context's", metavar="NAME"),
        FleetOption("context", "a kubeconfig context", default_help="the current one", metavar="NAME"),
        FleetOption(
            "client_selector", "labels of the client's pods", default=_K8S.client_selector, metavar="LABELS"
        ),
        FleetOption(
            "backend_selector",
            "labels of the backend's pods",
            default=_K8S.backend_selector,
            metavar="LABELS",
        ),
        FleetOption("port", "the port of both services' pods", "integer", _K8S.port, metavar="PORT", low=1),
        FleetOption(
            "grace",
            "seconds that a killed pod gets to end; 0 is a crash",
            "integer",
            _K8S.grace_s,
            metavar="S",
            high=3600,
            setting="grace_s",
        ),
    ),
)

BUILTIN = (LOCAL, COMMAND, COMPOSE, KUBERNETES)
