"""Makes the fleets of this room: the lab's processes, a user's own, and Docker Compose."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from brownout_fleet.builtin_kinds import COMMAND, COMPOSE
from brownout_fleet.config import Command, FleetConfig, ServiceSpec
from brownout_fleet.local import LocalFleet
from brownout_fleet.model import Fleet
from brownout_fleet.process import StablePort, both_ports, client_port
from brownout_fleet.roster import Roster


def make_fleet(config: FleetConfig, roster: Roster, urls: Mapping[str, str]) -> Fleet:
    """The fleet that `config` asks for; the local one's clients call the backends' stable URL."""
    if config.kind == COMPOSE.name:
        from brownout_fleet.compose import ComposeFleet

        return ComposeFleet(config, roster)
    if config.kind == COMMAND.name:
        from brownout_fleet.command_fleet import CommandFleet

        return CommandFleet(config.settings_as(Command), roster, Path(config.log_dir), config.supervision)
    specs = local_specs(config, urls["backend"])
    return LocalFleet(specs, roster, Path(config.log_dir), config.supervision)


def stable_ports(config: FleetConfig) -> list[StablePort]:
    """The stable ports: of a service of the user's its own alone, if it runs here."""
    if config.kind != COMMAND.name:
        return both_ports(config)
    service = config.settings_as(Command).service
    return [client_port(config, service.name)] if service else []


def local_specs(config: FleetConfig, backend_url: str) -> list[ServiceSpec]:
    """The two services of this project."""
    environment = {"BACKEND_URL": backend_url} | ({"POLICY": config.policy} if config.policy else {})
    return [
        ServiceSpec(
            "backend",
            "brownout_backend.app:create_app()",
            "python:brownout_backend.server",
            config.backends,
            config.capacity.environ,
        ),
        ServiceSpec(
            "client",
            "brownout_client.app:create_app()",
            "python:brownout_client.server",
            config.clients,
            environment,
            unix_socket=True,
        ),
    ]
