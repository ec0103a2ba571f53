"""Decides which replica may be killed: one at a time, and the last ready one only if explicitly asked."""

from __future__ import annotations

import msgspec

from brownout_fleet.model import Replica, ReplicaPhase
from brownout_panel.errors import KillUnderWayError, LastReadyError

BACK_S = 30.0
"""The longest that a kill counts as under way, in seconds."""


class Kill(msgspec.Struct, frozen=True):
    """A kill that was done; `at` is of a clock that only rises."""

    replica: Replica
    at: float
    ready: int
    """Ready replicas of the service before it."""


def check(target: Replica, replicas: list[Replica], last: Kill | None, now: float, even_last: bool) -> None:
    """Raises KillUnderWayError or LastReadyError. `replicas` are all that the fleet has now."""
    if last and under_way(last, replicas, now):
        name, left_s = last.replica.name, last.at + BACK_S - now
        raise KillUnderWayError(
            f'"{name}" was killed and is not back yet; one kill at a time. '
            f"Try again when it is ready, in {left_s:.0f} s at most."
        )
    if target.dependency is not None:
        return  # it has no other replica: whoever names it means it
    if target.phase is ReplicaPhase.READY and not even_last and ready_count(replicas, target) == 1:
        raise LastReadyError(
            f'"{target.name}" is the last ready replica of "{target.service}": without it nothing of that '
            "service answers. Wait for another one, or say that even the last may be killed."
        )


def under_way(kill: Kill, replicas: list[Replica], now: float) -> bool:
    """Whether fewer replicas are ready than before the kill; on Kubernetes the new one has another name."""
    ready = [one for one in _ready(replicas, kill.replica) if one.uid != kill.replica.uid]
    return len(ready) < kill.ready and now < kill.at + BACK_S


def ready_count(replicas: list[Replica], like: Replica) -> int:
    """Ready replicas of the same service, or the same dependency."""
    return len(_ready(replicas, like))


def _ready(replicas: list[Replica], like: Replica) -> list[Replica]:
    return [
        one
        for one in replicas
        if (one.service, one.dependency, one.phase) == (like.service, like.dependency, ReplicaPhase.READY)
    ]
