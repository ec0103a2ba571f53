"""Actions for experiments: what the panel can do to a fleet. Each returns its evidence, or fails.

Use them from any experiment: `{"type": "python", "module": "brownout.actions", "func": "set_faults", …}`.
"""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import quote

from chaoslib.exceptions import ActivityFailed

from brownout_chaos import panel_http
from brownout_chaos.kill_targets import NoTargetError, Replica, successor, targets
from brownout_chaos.panel_http import RequestRefusedError
from brownout_terms.codes import Code

__all__ = [
    "clear_faults",
    "kill_replica",
    "mark_phase",
    "restore_load",
    "restore_policy",
    "set_faults",
    "set_load",
    "set_policy",
]

POLL_S = 0.1

RUNNING = ("spawning", "running")
"""States of a load that runs."""

_original: dict[str, Any] = {}
"""The policy and the load before this experiment changed them first, for the rollbacks."""


def set_faults(
    faults: list[dict[str, Any]],
    seed: int | None = None,
    lease_s: float | None = None,
    within_s: float = 10.0,
) -> dict[str, Any]:
    """Hold every backend replica to these faults, and wait until each was read back to have them.

    `faults` are the backend's documents, such as {"kind": "error", "rate": 0.3, "status": 503}. The panel
    renews them while it lives, and clears them when this process is gone; without the panel they end after
    `lease_s` seconds. Fails if a replica doesn't have them
    within `within_s` seconds. Returns {"faults", "words", "revision", "applied", "of"}.
    """
    body = {"faults": faults, "seed": seed, "lease_s": lease_s}
    answer = panel_http.ask("PUT", "faults", {key: value for key, value in body.items() if value is not None})
    panel_http.heartbeat.hold()
    revision = answer["faults"]["revision"]
    deadline = time.monotonic() + within_s
    while answer["applied"] < answer["of"] or not answer["of"]:
        if time.monotonic() > deadline:
            raise ActivityFailed(
                f"{answer['applied']} of {answer['of']} backend replicas have the faults "
                f"after {within_s:g} s: {_standings(answer)}"
            )
        time.sleep(POLL_S)
        answer = panel_http.ask("GET", "faults")
        if answer["faults"]["revision"] != revision:
            raise ActivityFailed("somebody else changed the faults meanwhile")
    return {
        "faults": answer["faults"]["faults"],
        "words": answer["faults"]["words"],
        "revision": revision,
        "applied": answer["applied"],
        "of": answer["of"],
    }


def clear_faults() -> dict[str, Any]:
    """Clear all faults; returns {"cleared", "of"} when every backend replica was read back to have none.

    Fails otherwise and names the replicas; the panel keeps trying and renews no lease.
    """
    answer = panel_http.ask("DELETE", "faults")
    return {"cleared": answer["applied"], "of": answer["of"]}


def set_policy(preset: str | None = None, policy: dict[str, Any] | None = None) -> dict[str, Any]:
    """Switch every client replica's policy: a preset, fields laid over it, or both.

    The policy that was there first is kept for `restore_policy`.
    Returns {"policy", "before", "applied", "of"}.
    """
    if preset is None and policy is None:
        raise ActivityFailed('set_policy needs a "preset" or a "policy"')
    before = panel_http.ask("GET", "policy")["policy"]
    if before is not None:
        _original.setdefault("policy", before)
    answer = panel_http.ask("PUT", "policy", {**({"preset": preset} if preset else {}), **(policy or {})})
    if answer["applied"] < answer["of"]:
        raise ActivityFailed(
            f"{answer['applied']} of {answer['of']} client replicas have the policy: {_standings(answer)}"
        )
    return {
        "policy": answer["policy"]["name"],
        "before": before["name"] if before else None,
        "applied": answer["applied"],
        "of": answer["of"],
    }


def restore_policy() -> dict[str, Any]:
    """Restore the policy that the first `set_policy` found; for rollbacks.

    Returns {"policy", "applied", "of"}, or {"unchanged": true} if this experiment has set none.
    """
    found = _original.pop("policy", None)
    if found is None:
        return {"unchanged": True}
    answer = panel_http.ask("PUT", "policy", found["policy"])
    return {"policy": answer["policy"]["name"], "applied": answer["applied"], "of": answer["of"]}


def kill_replica(
    service: str = "backend",
    name: str | None = None,
    pick: str = "random",
    seed: int | None = None,
    count: int = 1,
    percentage: float | None = None,
    even_last: bool = False,
    within_s: float = 60.0,
) -> dict[str, Any]:
    """End replicas abruptly, one after the other, each when the one before has been replaced.

    Kills the one with this `name`, else `count` (or `percentage`) of the ready ones of `service`, `pick`ed
    "random" (by `seed`) or "oldest". Kills the last ready one only with `even_last`.

    The fleet proves a kill: within `within_s` seconds the replica's identity must have changed and the
    new one be ready; else this fails. Returns {"kills": [{"name", "uid", "new_name", "new_uid",
    "back_after_s"}]}.
    """
    try:
        chosen = targets(panel_http.replicas(), service, name, pick, seed, count, percentage)
    except NoTargetError as error:
        raise ActivityFailed(str(error)) from None
    return {"kills": [_kill(replica, even_last, within_s) for replica in chosen]}


def mark_phase(phase: str) -> dict[str, Any]:
    """Write the name of the phase that begins into the run's timeline; reports compare phases by it."""
    event = panel_http.ask("POST", "marks", {"phase": phase})
    return {"phase": phase, "at": event["t"]}


def set_load(
    users: int | None = None,
    spawn_rate: float | None = None,
    arrival_rate: float | None = None,
    shape: str | None = None,
) -> dict[str, Any]:
    """Change the load: the `users` while a closed loop runs; an arrival rate or a shape before it begins.

    The load that was there first is kept for `restore_load`. Returns {"state", "settings", "before"}.
    """
    load = panel_http.ask("GET", "load")
    before = load["settings"]
    if load["state"] in RUNNING and (arrival_rate, shape) != (None, None):
        raise ActivityFailed(
            "a load that runs keeps its arrival rate and its shape; the users of a closed loop can be changed"
        )
    wanted = {"users": users, "spawn_rate": spawn_rate, "arrival_rate": arrival_rate, "shape": shape}
    made = _put_load({key: value for key, value in wanted.items() if value is not None})
    _original.setdefault("load", before)  # a load that could not be changed is not to be put back
    return {**made, "before": before}


def restore_load() -> dict[str, Any]:
    """Restore the load that the first `set_load` found; for rollbacks.

    Returns {"state", "settings"}, or {"unchanged": true} if this experiment has set none.
    """
    found = _original.pop("load", None)
    if found is None:
        return {"unchanged": True}
    settings = {
        name: found.get(name) for name in ("users", "spawn_rate", "arrival_rate", "arrivals", "shape")
    }
    return _put_load({**settings, **found.get("shape_parameters", {})})


def _put_load(settings: dict[str, Any]) -> dict[str, Any]:
    load = panel_http.ask("PUT", "load", settings)
    return {"state": load["state"], "settings": load["settings"]}


def _kill(replica: Replica, even_last: bool, within_s: float) -> dict[str, Any]:
    """Kill one replica, and return the proof."""
    started = time.monotonic()
    before = panel_http.replicas()
    killed = _order_kill(replica["name"], even_last, started + within_s)
    while (new := successor(killed, before, panel_http.replicas())) is None:
        if time.monotonic() - started > within_s:
            raise ActivityFailed(
                f'the kill of "{killed["name"]}" is not proven: {within_s:g} s later there is no '
                f'ready replica with a new identity in place of "{killed["uid"]}"'
            )
        time.sleep(POLL_S)
    return {
        "name": killed["name"],
        "service": killed["service"],
        "uid": killed["uid"],
        "new_name": new["name"],
        "new_uid": new["uid"],
        "back_after_s": round(time.monotonic() - started, 2),
    }


def _order_kill(name: str, even_last: bool, deadline: float) -> Any:
    """Order the kill, after another one that is under way; return the killed replica."""
    while True:
        try:
            return panel_http.ask("POST", f"replicas/{quote(name, safe='')}/kill", {"even_last": even_last})
        except RequestRefusedError as refused:
            if refused.code != Code.KILL_UNDER_WAY or time.monotonic() > deadline:
                raise
        time.sleep(POLL_S)


def _standings(answer: dict[str, Any]) -> str:
    """Write which replicas are behind, and why."""
    behind = {name: status for name, status in answer["replicas"].items() if status["state"] != "applied"}
    words = (f"{name} is {status['state']} ({status['reason']})" for name, status in behind.items())
    return ", ".join(words) or "there is none"
