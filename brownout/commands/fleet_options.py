"""The options that say which fleet to run, and what of it; the same on every command that starts one."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import click
from click.core import ParameterSource
from msgspec.structs import replace

from brownout.commands.project_context import chosen_variant, own_fleet, url_of_file
from brownout_client.policy import PRESETS
from brownout_fleet.config import BackendCapacity, FleetConfig, Supervision
from brownout_fleet.fleet_kinds import FLEET_KINDS, kind_of, options, settings_of
from brownout_fleet.kind import STARTING, FleetKind, FleetOption, flags
from brownout_fleet.launch import new_log_dir, new_token

F = TypeVar("F", bound=Callable[..., Any])
T = TypeVar("T")

PLACES = ", ".join(f"{kind.name} ({kind.replicas})" for kind in FLEET_KINDS.values())
PORT = click.IntRange(0, 65535)
REPLICAS = click.IntRange(1, 64)

OF_A_CAPACITY = ("backend_concurrency", "backend_service_time", "backend_queue")
OF_A_NEW_FLEET = ("backends", "clients", "policy", *OF_A_CAPACITY)
"""Shared options that say what to start, so mean nothing for replicas that run already."""


class FiniteRange(click.FloatRange):
    """A range that NaN and the infinities are not in."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Parse a number."""
        number = float(super().convert(value, param, ctx))
        if not math.isfinite(number):
            self.fail(f"{value} is not a finite number", param, ctx)
        return number


class KindName(click.Choice[str]):
    """A kind of fleet that people choose; "command" is the one that brownout.toml asks for."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Check it."""
        return "command" if value == "command" else super().convert(value, param, ctx)


def fleet_options(command: F) -> F:
    """The options of every command that starts a fleet."""
    for option in reversed([*_common(), *_of_capacity(), *_of_kinds()]):
        command = option(command)
    return command


def _common() -> list[Callable[[F], F]]:
    return [
        click.option(
            "--fleet",
            "kind",
            type=KindName([*FLEET_KINDS]),
            default=next(iter(FLEET_KINDS)),
            show_default=True,
            help=f"Where the services run: {PLACES}.",
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
        click.option("--policy", type=click.Choice([*PRESETS]), help="Policy of the clients."),
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


def _of_kinds() -> list[Callable[[F], F]]:
    """The options that only some kinds of fleet have."""
    return [_of_kind(option, kinds) for option, kinds in options().values()]


def _of_kind(option: FleetOption, kinds: list[FleetKind]) -> Callable[[F], F]:
    shown = f"  [default: {option.default_help}]" if option.default_help else ""
    types: dict[str, click.ParamType[Any]] = {
        "text": click.STRING,
        "integer": click.IntRange(option.low, option.high),
        "file": click.Path(exists=True, dir_okay=False, resolve_path=True),
    }
    return click.option(
        option.flag,
        type=types[option.type],
        metavar=option.metavar if option.type == "text" else None,
        default=option.default,
        show_default=option.default is not None,
        help=f"With {flags(kinds)}: {option.help}.{shown}",
    )


def fleet_config(
    *,
    kind: str,
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
    **own: Any,
) -> FleetConfig:
    """The fleet that `fleet_options` describe, with a token of its own. Raises click.UsageError."""
    fleet = kind_of(kind)
    context = click.get_current_context()
    refuse_strangers(fleet, context)
    refuse_what_runs_already(fleet, own, context)
    require(fleet)
    _, variant = chosen_variant()
    config = FleetConfig(
        token=new_token(),
        log_dir=str(log_dir or new_log_dir()),
        kind=kind,
        backends=backends,
        clients=clients,
        client_port=client_port,
        backend_port=backend_port,
        policy=policy or (variant.policy if variant else None),
        capacity=capacity(backend_concurrency, backend_service_time, backend_queue),
        supervision=Supervision(restart_delay_s=restart_delay, start_timeout_s=fleet.start_timeout_s),
        settings=settings_of(fleet, own),
    )
    return replace(config, **own_fleet()) if kind == "command" else config


def command_fleet(port: int) -> FleetConfig:
    """Return the fleet of the file's own processes, where a command has no options of a fleet."""
    fleet = kind_of("command")
    config = FleetConfig(token=new_token(), log_dir=str(new_log_dir()), kind=fleet.name, client_port=port)
    return replace(config, **own_fleet())


def fleet_of_file(options: dict[str, Any]) -> FleetConfig | None:
    """Return the fleet; None where the file's service runs elsewhere and has no dependency."""
    is_elsewhere = url_of_file() and options["kind"] != "command"
    return None if is_elsewhere else fleet_config(**options)


def fleet_option_names() -> list[str]:
    """The options of `fleet_options` by their Python names."""

    @click.command()
    @fleet_options
    def command(**_: Any) -> None:
        """Nothing."""

    return [str(param.name) for param in command.params]


def starts_replicas(fleet: dict[str, Any]) -> bool:
    """Whether these options start replicas, rather than find them."""
    kind = kind_of(fleet["kind"])
    return kind.starts_services and not _finding(kind, fleet)


def require(kind: FleetKind) -> None:
    """Raises click.UsageError with the install command if a package that the kind needs is missing."""
    if missing := kind.missing:
        raise click.UsageError(f"--fleet {kind.name} can't be used: {missing}")


def _finding(kind: FleetKind, values: Mapping[str, Any]) -> FleetOption | None:
    """The option, if it was given, by which a fleet is found instead of started."""
    return next((one for one in kind.options if one.finds_running and values.get(one.name) is not None), None)


def capacity(
    concurrency: int | None, service_time_ms: int | None, queue_limit: int | None
) -> BackendCapacity:
    """The backends' capacity by the options that were given. Raises click.UsageError."""
    if concurrency is None and (service_time_ms, queue_limit) != (None, None):
        name = OF_A_CAPACITY[1 if service_time_ms is not None else 2]
        raise click.UsageError(
            f"{flag_of(name)} is about the slots of a backend, and without --backend-concurrency there is no "
            "limit to them; as in: --backend-concurrency 2 --backend-service-time 100"
        )
    named = {"concurrency": concurrency, "service_time_ms": service_time_ms, "queue_limit": queue_limit}
    return BackendCapacity(**{name: value for name, value in named.items() if value is not None})


def given(context: click.Context, name: str) -> bool:
    """Whether the user gave the option."""
    return context.get_parameter_source(name) is ParameterSource.COMMANDLINE


def typed(value: T, name: str) -> T | None:
    """Return the value of an option that was typed; None for one that comes from brownout.toml."""
    return value if given(click.get_current_context(), name) else None


def flag_of(name: str) -> str:
    """An option as it is written."""
    return "--" + name.replace("_", "-")


def refuse_what_runs_already(kind: FleetKind, values: Mapping[str, Any], context: click.Context) -> None:
    """Raises click.UsageError for an option that can change nothing in a fleet that runs already."""
    finding = _finding(kind, values)
    if finding is None:
        return
    for name in (*OF_A_NEW_FLEET, *(option.name for option in kind.options if option.for_new)):
        if given(context, name):
            raise click.UsageError(
                f"{flag_of(name)} says what to start, and with {finding.flag} nothing is started."
            )


def refuse_beside_target(names: Iterable[str], context: click.Context) -> None:
    """Raises click.UsageError for options of a fleet where --target leaves nothing to start."""
    useless = ["--fleet" if name == "kind" else flag_of(name) for name in names if given(context, name)]
    if useless:
        verb = "says" if len(useless) == 1 else "say"
        raise click.UsageError(
            f"{', '.join(useless)} {verb} what to start, and with --target nothing is started.\n\n"
            "Leave out --target to load brownout's own services. To set faults on yours: --injector URL"
        )


def taken_by() -> dict[str, list[FleetKind]]:
    """The options that mean something on some kinds of fleet only, with these kinds."""
    shared = {
        name: [kind for kind in FLEET_KINDS.values() if name in kind.takes] for name in sorted(STARTING)
    }
    return shared | {name: kinds for name, (_, kinds) in options().items()}


def refuse_strangers(kind: FleetKind, context: click.Context) -> None:
    """Raises click.UsageError for an option that was given and means nothing on this kind of fleet."""
    for name, kinds in taken_by().items():
        if kind not in kinds and given(context, name):
            raise click.UsageError(f"{flag_of(name)} is for {flags(kinds)}; this is --fleet {kind.name}.")
