"""Attaches a recorder to Locust's `request` event, so that it counts what Locust's statistics count."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .tally import Tally

if TYPE_CHECKING:
    from locust.env import Environment


def attach(environment: Environment, tally: Tally) -> None:
    """Have the tally hear of every request that Locust's own statistics hear of."""
    from brownout_loadtest.locust_seam import listen_beside_statistics  # importing Locust patches the process
    from brownout_loadtest.locust_statistics import accept_anything

    accept_anything(environment.stats)
    listen_beside_statistics(environment.events.request, tally.on_request)
