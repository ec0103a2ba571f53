"""Experiments on Chaos Toolkit: the actions and probes that they call, the runner, the verdict."""

from __future__ import annotations

from typing import Any


def discover(discover_system: bool = True) -> Any:
    """Return what chaoslib's discovery asks an extension for: every action and probe, with its arguments.

    `chaos discover brownout --no-install` writes it to a file. It calls `brownout.discover`, since it
    asks the one package that top_level.txt names. `python -m brownout_chaos --discover` prints it.
    """
    from importlib.metadata import version

    from chaoslib.discovery.discover import (
        discover_actions,
        discover_probes,
        initialize_discovery_result,
    )

    del discover_system  # the panel knows the system; there is nothing to discover
    found = initialize_discovery_result("brownout", version("brownout"), "brownout")
    found["activities"] = [*discover_actions("brownout.actions"), *discover_probes("brownout.probes")]
    return found
