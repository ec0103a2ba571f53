"""Follows one life of a replica by its readiness probe, as a kubelet would."""

from __future__ import annotations

import asyncio
from typing import Protocol

from brownout_fleet.config import Supervision
from brownout_fleet.model import ReplicaPhase
from brownout_fleet.program import Probe

STARTING_PROBE_INTERVAL_S = 0.025
"""How often a starting replica is asked: short, since the user is waiting."""


class ReportPhase(Protocol):
    """Takes what the probes say; called again and again with the same."""

    def __call__(self, phase: ReplicaPhase, reason: str | None = None) -> None: ...


async def watch_readiness(probe: Probe, rules: Supervision, report: ReportPhase) -> None:
    """Report READY once the first probe succeeds, then READY or UNREADY after each, until cancelled."""
    while (problem := await probe(rules.probe_timeout_s)) is not None:
        report(ReplicaPhase.STARTING, problem)
        await asyncio.sleep(STARTING_PROBE_INTERVAL_S)
    report(ReplicaPhase.READY)
    missed = 0
    while True:
        await asyncio.sleep(rules.probe_interval_s)
        missed = 0 if await probe(rules.probe_timeout_s) is None else missed + 1
        if missed == 0:
            report(ReplicaPhase.READY)
        elif missed >= rules.probe_failures:
            report(ReplicaPhase.UNREADY, f"{missed} readiness probes failed in a row")
