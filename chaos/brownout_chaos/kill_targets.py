"""Which replicas to kill, and whether a kill is proven. Pure."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from typing import Any

Replica = Mapping[str, Any]
"""`name`, `service`, `phase`, `uid`, `started_at`, and perhaps `dependency`, as the panel lists it."""


class NoTargetError(ValueError):
    """There is no replica to kill, or the choice is invalid; the message is a sentence."""


def targets(
    replicas: Sequence[Replica],
    service: str,
    name: str | None = None,
    pick: str = "random",
    seed: int | None = None,
    count: int = 1,
    percentage: float | None = None,
) -> list[Replica]:
    """Return the replicas to kill, in order: the named one, or `count` (or a percentage, rounded up).

    The same seed picks the same names among the same names. Raises NoTargetError.
    """
    if name is not None:
        named = [one for one in replicas if one["name"] == name]
        if not named:
            raise NoTargetError(f'there is no replica "{name}"; there are: {_names(replicas)}')
        return named
    if pick not in ("random", "oldest"):
        raise NoTargetError(f'pick is "{pick}"; allowed: random, oldest')
    running = sorted(
        (one for one in replicas if service in services_of(one) and one["phase"] == "ready"),
        key=lambda one: str(one["name"]),
    )
    if not running:
        raise NoTargetError(f'no replica of "{service}" is ready; there are: {_names(replicas)}')
    wanted = count if percentage is None else math.ceil(len(running) * percentage / 100)
    if not 1 <= wanted <= len(running):
        raise NoTargetError(
            f'{wanted} of {len(running)} ready replicas of "{service}" can\'t be killed; '
            f"allowed: 1 to {len(running)}"
        )
    if pick == "oldest":
        return sorted(running, key=lambda one: float(one["started_at"]))[:wanted]
    return random.Random(seed).sample(running, wanted)


def successor(killed: Replica, before: Sequence[Replica], now: Sequence[Replica]) -> Replica | None:
    """Return the replica that replaced the killed one if that is proven; else None.

    It is proven if the killed identity (`uid`) is gone, as many of its service are ready as before, and
    one of these has a new identity. On Kubernetes it also has a new name.
    """
    old = {one["uid"] for one in before}
    ready = _ready(now, killed)
    if any(one["uid"] == killed["uid"] for one in now if one["phase"] != "gone"):
        return None
    if len(ready) < len(_ready(before, killed)):
        return None
    new = [one for one in ready if one["uid"] not in old]
    same_name = [one for one in new if one["name"] == killed["name"]]
    return next(iter(same_name or new), None)


def services_of(replica: Replica) -> set[str]:
    """Return what its service may be called: its role, and the name before its number."""
    name, _, number = str(replica["name"]).rpartition("-")
    return {str(replica["service"]), name if number.isdecimal() else str(replica["name"])}


def _ready(replicas: Sequence[Replica], like: Replica) -> list[Replica]:
    """Return the ready ones of the service of one, or of the same dependency."""
    keys = ("service", "dependency")
    return [
        one
        for one in replicas
        if one["phase"] == "ready" and all(one.get(key) == like.get(key) for key in keys)
    ]


def _names(replicas: Sequence[Replica]) -> str:
    return ", ".join(f'"{one["name"]}" ({one["phase"]})' for one in replicas) or "none"
