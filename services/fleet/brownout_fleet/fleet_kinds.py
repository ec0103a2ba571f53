"""The kinds of fleet that there are: commands, Locust's options, doctor and help texts follow from them."""

from __future__ import annotations

import importlib
import os
from collections.abc import Mapping

from brownout_fleet.builtin_kinds import BUILTIN
from brownout_fleet.kind import FleetKind, FleetOption
from brownout_terms.variables import FLEETS


def _all(environ: Mapping[str, str]) -> dict[str, FleetKind]:
    kinds = [*BUILTIN]
    modules = filter(None, environ.get(FLEETS, "").split(","))
    kinds.extend(importlib.import_module(module).FLEET for module in modules)
    return {kind.name: kind for kind in kinds}


_KINDS = _all(os.environ)

FLEET_KINDS = {kind.name: kind for kind in _KINDS.values() if kind.typed}
"""Kinds to choose from, by name. The first is the default, and the one that `brownout doctor` insists on."""


def kind_of(name: str) -> FleetKind:
    """Return the kind of this name, which may be one that only a brownout.toml asks for."""
    return _KINDS[name]


def options() -> dict[str, tuple[FleetOption, list[FleetKind]]]:
    """Every option of some kinds only, by name, with the kinds that have it."""
    found: dict[str, tuple[FleetOption, list[FleetKind]]] = {}
    for kind in FLEET_KINDS.values():
        for option in kind.options:
            found.setdefault(option.name, (option, []))[1].append(kind)
    return found


def settings_of(kind: FleetKind, given: Mapping[str, object]) -> dict[str, object]:
    """The settings of a fleet from values by option name; those that are None are left to their defaults."""
    values = {option.key: given.get(option.name) for option in kind.options}
    return {key: value for key, value in values.items() if value is not None}
