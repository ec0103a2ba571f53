"""Services of the user's own that faults go to: `--injector URL` names one with the FaultInjector in it,
or a proxy of a Toxiproxy.

They are no fleet's: nobody starts, watches or kills them here. They count as ready; how each stands to the
faults that are wanted is asked of itself, like of any backend.
"""

from __future__ import annotations

import argparse
import re
import time
from collections.abc import Sequence
from urllib.parse import urlsplit

from brownout_fleet.model import Replica, ReplicaPhase

SERVICE = "backend"
"""The service whose faults the panel sets."""


def injector(text: str) -> str:
    """Parse a service's URL for argparse."""
    if not _is_service(text):
        raise argparse.ArgumentTypeError(
            f'"{text}" is not the URL of a service, such as http://127.0.0.1:8000 or '
            "https://shop.example/api, nor of a Toxiproxy's proxy, such as toxiproxy://127.0.0.1:8474/prices"
        )
    return text.rstrip("/")


def _is_service(text: str) -> bool:
    """Whether it is a URL that control paths can be appended to."""
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return False
    if not parts.hostname or re.search(r"\s", text) or parts.username or parts.query or parts.fragment:
        return False
    if parts.scheme == "toxiproxy":
        return port is not None and re.fullmatch(r"/[^/]+/?", parts.path) is not None
    return parts.scheme in ("http", "https")


def replicas_of(urls: Sequence[str]) -> list[Replica]:
    """A replica for each URL, in the order of the options."""
    now = time.time()
    return [
        Replica(
            name=f"own-{number}",
            service=SERVICE,
            url=url,
            phase=ReplicaPhase.READY,
            uid=url,
            started_at=now,
        )
        for number, url in enumerate(dict.fromkeys(urls))
    ]
