"""The options that say which fleet to run, and what of it; the same on every command that starts one."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click
from click.core import ParameterSource

from brownout_client.policy import PRESETS
from brownout_fleet.config import KINDS, Capacity, Compose, FleetConfig, Kind, Kubernetes, Supervision
from brownout_fleet.launch import new_log_dir, new_token

F = TypeVar("F", bound=Callable[..., Any])

K8S = Kubernetes()
PORT = click.IntRange(0, 65535)
REPLICAS = click.IntRange(1, 64)

STARTS_REPLICAS: tuple[Kind, ...] = ("local", "compose")
TAKEN_BY: dict[str, tuple[Kind, ...]] = {
    "backends": STARTS_REPLICAS,
    "clients": STARTS_REPLICAS,
    "policy": STARTS_REPLICAS,
    "backend_concurrency": STARTS_REPLICAS,
    "backend_service_time": STARTS_REPLICAS,
    "backend_queue": STARTS_REPLICAS,
    "restart_delay": STARTS_REPLICAS,
    "compose_file": ("compose",),
    "project": ("compose",),
    "namespace": ("k8s",),
    "context": ("k8s",),
    "client_selector": ("k8s",),
    "backend_selector": ("k8s",),
    "port": ("k8s",),
    "grace": ("k8s",),
}
"""Options that mean something on these fleets only; given on another one, they are refused."""
START_S: dict[Kind, float] = {"local": 30.0, "compose": 60.0, "k8s": 30.0}
"""Seconds until a replica that isn't ready has failed; a container starts from a cold file system."""
OF_A_CAPACITY = ("backend_concurrency", "backend_service_time", "backend_queue")
OF_A_NEW_PROJECT = ("backends", "clients", "policy", *OF_A_CAPACITY, "compose_file")
"""Options that say what to start, so mean nothing for a Compose project that runs already."""


class FiniteRange(click.FloatRange):
    """A range that NaN and the infinities are not in."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Parse a number."""
        number = float(super().convert(value, param, ctx))
        if not math.isfinite(number):
            self.fail(f"{value} is not a finite number", param, ctx)
        return number


def fleet_options(command: F) -> F:
    """The options of every command that starts a fleet."""
    for option in reversed([*_common(), *_of_capacity(), *_of_compose(), *_of_kubernetes()]):
        command = option(command)
    return command


def _common() -> list[Callable[[F], F]]:
    return [
        click.option(
            "--fleet",
            "kind",
            type=click.Choice(KINDS),
            default="local",
            show_default=True,
            help="Processes on this machine, Docker Compose, or a Kubernetes cluster.",
        ),
        click.option("--backends", type=REPLICAS, default=2, show_default=True, help="Replicas to start."),
        click.option("--clients", type=REPLICAS, default=2, show_default=True, help="Replicas to start."),
        click.option(
            "--client-port",
            type=PORT,
            default=5001,
            show_default=True,
            help="Stable port of the client service; 0 takes any free one.",
        ),
        click.option(
            "--backend-port",
            type=PORT,
            default=5002,
            show_default=True,
            help="Stable port of the backend service; 0 takes any free one.",
        ),
        click.option("--policy", metavar="PRESET", help=f"Policy of the clients: {', '.join(PRESETS)}."),
        click.option(
            "--restart-delay",
            type=FiniteRange(0, 3600),
            default=5.0,
            show_default=True,
            help="Seconds from a replica's end to its next start.",
        ),
        click.option(
            "--log-dir",
            type=click.Path(file_okay=False, path_type=Path),
            help="Where the replicas' output goes.  [default: results/fleet/START]",
        ),
    ]


def _of_capacity() -> list[Callable[[F], F]]:
    return [
        click.option(
            "--backend-concurrency",
            type=click.IntRange(1, 10_000),
            help="Requests that a backend serves at once; others queue.  [default: no limit]",
        ),
        click.option(
            "--backend-service-time",
            metavar="MS",
            type=click.IntRange(0, 600_000),
            help="Milliseconds that each of these takes, at least.  [default: 0]",
        ),
        click.option(
            "--backend-queue",
            type=click.IntRange(0, 100_000),
            help="Requests that a backend lets wait; others get 503 at once.  [default: 100]",
        ),
    ]


def _of_compose() -> list[Callable[[F], F]]:
    return [
        click.option(
            "--compose-file",
            type=click.Path(exists=True, dir_okay=False, path_type=Path),
            help="With --fleet compose: the Compose file.  [default: this project's]",
        ),
        click.option(
            "--project",
            metavar="NAME",
            help="With --fleet compose: use a Compose project that runs already, and leave it running.",
        ),
    ]


def _of_kubernetes() -> list[Callable[[F], F]]:
    return [
        click.option("--namespace", help="With --fleet k8s.  [default: the context's]"),
        click.option("--context", help="With --fleet k8s: a kubeconfig context.  [default: the current one]"),
        click.option(
            "--client-selector",
            metavar="LABELS",
            default=K8S.client_selector,
            show_default=True,
            help="With --fleet k8s: labels of the client's pods.",
        ),
        click.option(
            "--backend-selector",
            metavar="LABELS",
            default=K8S.backend_selector,
            show_default=True,
            help="With --fleet k8s: labels of the backend's pods.",
        ),
        click.option(
            "--port",
            type=click.IntRange(1, 65535),
            default=K8S.port,
            show_default=True,
            help="With --fleet k8s: the port of both services' pods.",
        ),
        click.option(
            "--grace",
            type=click.IntRange(0, 3600),
            default=K8S.grace_s,
            show_default=True,
            help="With --fleet k8s: seconds that a killed pod gets to end; 0 is a crash.",
        ),
    ]


def fleet_config(
    *,
    kind: Kind,
    backends: int,
    clients: int,
    client_port: int,
    backend_port: int,
    policy: str | None,
    restart_delay: float,
    backend_concurrency: int | None,
    backend_service_time: int | None,
    backend_queue: int | None,
    log_dir: Path | None,
    compose_file: Path | None,
    project: str | None,
    grace: int,
    **k8s: Any,
) -> FleetConfig:
    """The fleet that `fleet_options` describe, with a token of its own. Raises click.UsageError."""
    context = click.get_current_context()
    refuse_strangers(kind, context)
    if project is not None:
        refuse_what_runs_already(context)
    return FleetConfig(
        token=new_token(),
        log_dir=str(log_dir or new_log_dir()),
        kind=kind,
        backends=backends,
        clients=clients,
        client_port=client_port,
        backend_port=backend_port,
        policy=policy,
        capacity=capacity(backend_concurrency, backend_service_time, backend_queue),
        supervision=Supervision(restart_delay_s=restart_delay, start_timeout_s=START_S[kind]),
        compose=Compose(str(compose_file.resolve()) if compose_file else None, project),
        k8s=Kubernetes(grace_s=grace, **k8s),
    )


def starts_replicas(fleet: dict[str, Any]) -> bool:
    """Whether these options start replicas, rather than find them."""
    return fleet["kind"] in STARTS_REPLICAS and fleet["project"] is None


def capacity(concurrency: int | None, service_time_ms: int | None, queue_limit: int | None) -> Capacity:
    """The backends' capacity by the options that were given. Raises click.UsageError."""
    if concurrency is None and (service_time_ms, queue_limit) != (None, None):
        name = OF_A_CAPACITY[1 if service_time_ms is not None else 2]
        raise click.UsageError(
            f"{flag_of(name)} is about the slots of a backend, and without --backend-concurrency there is no "
            "limit to them; as in: --backend-concurrency 2 --backend-service-time 100"
        )
    named = {"concurrency": concurrency, "service_time_ms": service_time_ms, "queue_limit": queue_limit}
    return Capacity(**{name: value for name, value in named.items() if value is not None})


def given(context: click.Context, name: str) -> bool:
    """Whether the user gave the option."""
    return context.get_parameter_source(name) is ParameterSource.COMMANDLINE


def flag_of(name: str) -> str:
    """An option as it is written."""
    return "--" + name.replace("_", "-")


def refuse_what_runs_already(context: click.Context) -> None:
    """Raises click.UsageError for an option that can change nothing in a Compose project that runs."""
    for name in OF_A_NEW_PROJECT:
        if given(context, name):
            raise click.UsageError(
                f"{flag_of(name)} says what to start, and with --project nothing is started."
            )


def refuse_strangers(kind: Kind, context: click.Context) -> None:
    """Raises click.UsageError for an option that was given and means nothing on this kind of fleet."""
    for name, kinds in TAKEN_BY.items():
        if kind not in kinds and given(context, name):
            raise click.UsageError(
                f"{flag_of(name)} is for --fleet {' and --fleet '.join(kinds)}; this is --fleet {kind}."
            )
