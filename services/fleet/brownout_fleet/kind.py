"""A fleet kind as data: everything that commands, Locust's options, doctor and the fleet process need.

A record names modules and functions as text, "package.module:function", so that nothing of a fleet is
imported before it is used.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

STARTING = frozenset(
    {
        "backends",
        "clients",
        "policy",
        "backend_concurrency",
        "backend_service_time",
        "backend_queue",
        "restart_delay",
    }
)
"""Shared options that say which replicas to start and how; a kind that starts none takes none of them."""


@dataclass(frozen=True)
class FleetOption:
    """An option of one kind of fleet: on the commands that start a fleet, and in Locust."""

    name: str
    """Name as in Python; `compose_file` is typed as --compose-file."""
    help: str = ""
    """A noun phrase without a full stop; what precedes it says with which --fleet."""
    type: Literal["text", "integer", "file"] = "text"
    default: str | int | None = None
    default_help: str = ""
    """What happens without the option, where no `default` says so."""
    metavar: str = "TEXT"
    low: int = 0
    high: int = 65535
    """Bounds of an integer."""
    setting: str = ""
    """Its key in FleetConfig.settings; empty: its name."""
    in_locust: bool = True
    """Whether the locust command has it too."""
    finds_running: bool = False
    """Given, the fleet is found rather than started, and options that say what to start are refused."""
    for_new: bool = False
    """Says what to start, so means nothing beside an option that `finds_running`."""

    @property
    def flag(self) -> str:
        """The option as it is typed."""
        return "--" + self.name.replace("_", "-")

    @property
    def key(self) -> str:
        """Its key in FleetConfig.settings."""
        return self.setting or self.name


@dataclass(frozen=True)
class FleetKind:
    """A kind of fleet; its record is in builtin_kinds.py, or FLEET in a module that BROWNOUT_FLEETS names."""

    name: str
    """What is typed after --fleet."""
    module: str
    """What runs it, as `python -m`; it calls brownout_fleet.process.main."""
    replicas: str
    """What its replicas are, for help texts: "pods of a Kubernetes cluster"."""
    options: tuple[FleetOption, ...] = ()
    typed: bool = True
    """Whether people choose it by --fleet; otherwise their brownout.toml asks for it."""
    starts_services: bool = True
    """Whether it starts replicas; otherwise it uses those that run already."""
    takes: frozenset[str] = STARTING
    """The shared options that mean something on it."""
    makes_load: bool = False
    """Whether `brownout run --workers` can make the load beside its replicas."""
    start_timeout_s: float = 30.0
    """A replica that isn't ready by then has failed: imports take a few seconds on a busy machine."""
    stop_timeout_s: float = 10.0
    """The replicas have five seconds for their last requests; then the fleet process kills them and ends."""
    checks: str = ""
    """Function of brownout doctor: () -> Iterable[CheckResult]."""
    experiment_variables: str = ""
    """Function of FleetConfig.settings: the variables that an experiment's own actions need to find it."""
    needs: tuple[str, ...] = ()
    """Python packages that it can't do without and that not every installation has."""
    extra: str = ""
    """The extra of brownout that installs them."""

    @property
    def install(self) -> str:
        """The command that installs what it needs."""
        return f"pip install 'brownout[{self.extra}]'"

    @property
    def absent(self) -> list[str]:
        """The Python packages that it needs and that are not installed."""
        return [name for name in self.needs if not is_installed(name)]

    @property
    def missing(self) -> str | None:
        """A sentence about what is not installed; None if nothing is missing."""
        for name in self.absent:
            return f"it needs the Python package {name}, which is not installed.\n\n    {self.install}"
        return None


def is_installed(package: str) -> bool:
    """Whether a Python package can be imported."""
    try:
        return importlib.util.find_spec(package) is not None
    except ModuleNotFoundError:
        return False


def load(reference: str) -> Any:
    """Import the function that a record names."""
    module, _, name = reference.partition(":")
    return getattr(importlib.import_module(module), name)


def flags(kinds: Iterable[FleetKind]) -> str:
    """Write kinds as they are typed: `--fleet local and --fleet compose`."""
    return " and ".join(f"--fleet {kind.name}" for kind in kinds)
