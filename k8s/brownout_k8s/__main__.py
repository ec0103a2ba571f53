"""`python -m brownout_k8s`: the fleet process (brownout_fleet.process) with a fleet on Kubernetes."""

from __future__ import annotations

import sys
from collections.abc import Mapping

import uvloop

from brownout_fleet.config import FleetConfig, Kubernetes
from brownout_fleet.model import Fleet
from brownout_fleet.process import main
from brownout_fleet.roster import Roster
from brownout_k8s.fleet import KubernetesFleet


def make_fleet(config: FleetConfig, roster: Roster, urls: Mapping[str, str]) -> Fleet:  # noqa: ARG001
    """The pods that `config` describes."""
    return KubernetesFleet(config.settings_as(Kubernetes), roster)


if __name__ == "__main__":
    sys.exit(uvloop.run(main(make_fleet)))
