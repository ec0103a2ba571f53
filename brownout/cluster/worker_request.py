"""What is asked of the cluster for a run."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class WorkerRequest:
    """How many, and of which image; None: the overlay's."""

    count: int
    image: str | None = None
