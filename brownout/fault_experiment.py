"""The experiment that `brownout run --fault …` writes: three phases around faults, and a kill if asked. Pure.

It is a plain file of Chaos Toolkit like the others, kept in the run folder, and run by the same engine.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from brownout_faults import write_fault

ENOUGH = 0.95
"""The share of requests that must be served, at least with a fallback, before and some time after."""

LONGEST_WINDOW_S = 10
"""What users saw over so many seconds is the steady state; shorter if the phases are."""

BEFORE_KILL = 1 / 3
"""The part of the fault's time after which the kill comes: the replica is away and back while it lasts."""


@dataclass(frozen=True)
class Plan:
    """What to write."""

    faults: Sequence[dict[str, Any]] = ()
    kill: str | None = None
    """The service of which a random replica is killed."""

    baseline_s: float = 10.0
    during_s: float = 20.0
    recovery_s: float = 20.0
    seed: int = field(default=42)
    """For the faults, and for whom to kill."""


def experiment(plan: Plan) -> dict[str, Any]:
    """The experiment's document."""
    before, after = int(max(1, min(LONGEST_WINDOW_S, plan.recovery_s))), int(max(1, plan.during_s * 3 // 4))
    return {
        "title": f"Users are served again soon after {_what(plan)}",
        "description": f"Baseline {plan.baseline_s:g} s, fault {plan.during_s:g} s, "
        f"recovery {plan.recovery_s:g} s. Written by brownout run --fault.",
        "tags": sorted({*(fault["kind"] for fault in plan.faults), *(["kill"] if plan.kill else [])}),
        "steady-state-hypothesis": {
            "title": "Users are served, at least with a fallback",
            "probes": _steady(before),
        },
        "method": [
            _action("phase: baseline", "mark_phase", plan.baseline_s, phase="baseline"),
            _action("phase: fault", "mark_phase", phase="fault"),
            *_disturbances(plan),
            *_observations(after),
            _action("phase: recovery", "mark_phase", phase="recovery"),
            _action("end the faults", "clear_faults", plan.recovery_s),
        ],
        "rollbacks": [_action("clear all faults", "clear_faults")],
    }


def _what(plan: Plan) -> str:
    kill = [f"a kill of a {plan.kill} replica"] if plan.kill else []
    return " and ".join([*map(write_fault, plan.faults), *kill])


def _disturbances(plan: Plan) -> list[dict[str, Any]]:
    """Faults first, and the kill while they last."""
    early = plan.during_s * BEFORE_KILL if plan.kill and plan.faults else 0.0
    made = []
    if plan.faults:
        name = " and ".join(map(write_fault, plan.faults)) + " on every backend"
        pause = early or plan.during_s
        made.append(_action(name, "set_faults", pause, faults=list(plan.faults), seed=plan.seed))
    if plan.kill:
        name = f"kill a {plan.kill} replica"
        made.append(_action(name, "kill_replica", plan.during_s - early, service=plan.kill, seed=plan.seed))
    return made


def _steady(seconds: int) -> list[dict[str, Any]]:
    share = _probe("users are served", "success_ratio", seconds=seconds, with_fallbacks=True)
    return [
        {**_probe("every replica is ready", "all_replicas_ready", within_s=30), "tolerance": True},
        {**_probe("no fault is set", "faults_active"), "tolerance": False},
        {**share, "tolerance": {"type": "range", "range": [ENOUGH, 1.0]}},
    ]


def _observations(seconds: int) -> list[dict[str, Any]]:
    """For the journal: what users saw while it lasted."""
    return [
        _note("success ratio during the fault", "success_ratio", seconds=seconds),
        _note("p95 during the fault", "latency_percentile", percentile=95, seconds=seconds),
        _note("retry amplification during the fault", "retry_amplification", seconds=seconds),
    ]


def _action(name: str, func: str, pause_s: float = 0.0, **arguments: Any) -> dict[str, Any]:
    made = _activity("action", name, "brownout.actions", func, arguments)
    return {**made, "pauses": {"after": round(pause_s, 3)}} if pause_s else made


def _probe(name: str, func: str, **arguments: Any) -> dict[str, Any]:
    return _activity("probe", name, "brownout.probes", func, arguments)


def _note(name: str, func: str, **arguments: Any) -> dict[str, Any]:
    """A probe for the journal alone: in an outage there may be nothing to measure."""
    return _probe(name, func, **arguments, null_if_unknown=True)


def _activity(kind: str, name: str, module: str, func: str, arguments: dict[str, Any]) -> dict[str, Any]:
    provider = {"type": "python", "module": module, "func": func}
    return {
        "type": kind,
        "name": name,
        "provider": {**provider, "arguments": arguments} if arguments else provider,
    }
