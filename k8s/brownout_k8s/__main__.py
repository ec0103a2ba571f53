"""`python -m brownout_k8s`: the fleet process (brownout_fleet.process) with a fleet on Kubernetes."""

from __future__ import annotations

import resource
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


def raise_descriptor_limit() -> None:
    """Each forwarded connection takes two descriptors; the usual limit of 1,024 is soon reached."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 65536 if hard == resource.RLIM_INFINITY else min(hard, 65536)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


if __name__ == "__main__":
    raise_descriptor_limit()
    sys.exit(uvloop.run(main(make_fleet)))
