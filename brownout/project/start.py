"""Starts a fleet; what keeps the service of a file from starting is told with its line."""

from __future__ import annotations

from brownout.project.fleet import PLACE
from brownout_fleet.config import FleetConfig
from brownout_fleet.launch import FleetProcess
from brownout_fleet.model import FleetError


def start_fleet(config: FleetConfig) -> FleetProcess:
    """Start the fleet, a context manager that ends it. Raises FleetError."""
    try:
        return FleetProcess(config)
    except FleetError as error:
        place = config.settings.get(PLACE)
        raise (FleetError(f"{place}: {error}") if place else error) from error
