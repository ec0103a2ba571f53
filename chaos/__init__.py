"""Experiments on Chaos Toolkit: the actions and probes that they call, the runner, the verdict."""

from __future__ import annotations

from typing import Any


def discover(discover_system: bool = True) -> Any:
    """What chaoslib's discovery asks an extension for: every action and probe, with its arguments.

    `python -m chaos --discover` prints it. The command `chaos discover` takes any one of a distribution's
    top-level packages, by chance, and brownout has seven: it does not find this one reliably.
    """
    from chaoslib.discovery.discover import (
        discover_actions,
        discover_probes,
        initialize_discovery_result,
    )

    del discover_system  # there is nothing to find out about the system: the panel knows it
    found = initialize_discovery_result("brownout", "1", "brownout")
    found["activities"] = [*discover_actions("chaos.actions"), *discover_probes("chaos.probes")]
    return found
