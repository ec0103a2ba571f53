"""Which workers a run asks of the cluster."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class WorkerRequest:
    """Number of workers, and their image; None is the overlay's image."""

    count: int
    image: str | None = None
