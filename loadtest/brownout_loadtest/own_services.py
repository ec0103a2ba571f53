"""A service of the user's that runs elsewhere: `--breaker URL` says where its breakers are read."""

from __future__ import annotations

import argparse
import re
import time
from collections.abc import Sequence

from brownout_fleet.model import Replica, ReplicaPhase

SERVICE = "client"
"""The role of the service under test."""


def breaker(text: str) -> str:
    """Parse the place of a service's breakers for argparse."""
    if not re.fullmatch(r"(?:https?://[^/:\s]+(?::\d+)?)?/\S*", text):
        raise argparse.ArgumentTypeError(
            f'"{text}" is neither a path of the service, such as /metrics, nor a URL, such as '
            "http://127.0.0.1:9105/breaker"
        )
    return text


def services_of(breakers: Sequence[str], host: str | None) -> list[Replica]:
    """Return a replica for each place; a path is one of the service that the load goes to."""
    now = time.time()
    places = [one for one in dict.fromkeys(breakers) if host or "://" in one]
    return [
        Replica(
            name="service" if len(places) == 1 else f"service-{number}",
            service=SERVICE,
            url=(host or place).rstrip("/"),
            phase=ReplicaPhase.READY,
            uid=place,
            started_at=now,
            breaker=place,
            contract="own",
        )
        for number, place in enumerate(places)
    ]
