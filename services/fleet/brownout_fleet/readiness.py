"""Follows one life of a replica by its readiness probe, as a kubelet would."""

from __future__ import annotations

import asyncio
from typing import Protocol

from brownout_fleet.config import Supervision
from brownout_fleet.model import Phase
from brownout_fleet.probe import is_ready

STARTING_PROBE_INTERVAL_S = 0.025
"""How often a starting replica is asked: short, since the user is waiting."""


class Report(Protocol):
    """Takes what the probes say; called again and again with the same."""

    def __call__(self, phase: Phase, reason: str | None = None) -> None: ...


async def watch_readiness(host: str, port: int, rules: Supervision, report: Report) -> None:
    """Report READY once the first probe succeeds, then READY or UNREADY after each, until cancelled."""
    while not await is_ready(host, port, rules.probe_timeout_s):  # noqa: ASYNC110 - it's in another process
        await asyncio.sleep(STARTING_PROBE_INTERVAL_S)
    report(Phase.READY)
    missed = 0
    while True:
        await asyncio.sleep(rules.probe_interval_s)
        missed = 0 if await is_ready(host, port, rules.probe_timeout_s) else missed + 1
        if missed == 0:
            report(Phase.READY)
        elif missed >= rules.probe_failures:
            report(Phase.UNREADY, f"{missed} readiness probes failed in a row")
