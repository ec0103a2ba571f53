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

ROLES = ("backend", "client")
"""Services that every fleet has; others are named in brownout.toml."""

BEFORE_KILL = 1 / 3
"""The part of the fault's time after which the kill comes: the replica is away and back while it lasts."""


@dataclass(frozen=True)
class FaultScenario:
    """Faults, a kill, and how long each phase lasts."""

    faults: Sequence[dict[str, Any]] = ()
    kill: str | None = None
    """The service of which a random replica is killed."""

    baseline_s: float = 10.0
    during_s: float = 20.0
    recovery_s: float = 20.0
    seed: int = field(default=42)
    """Seed for fault sampling and kill targets."""


def experiment_document(scenario: FaultScenario) -> dict[str, Any]:
    """Return the experiment's document."""
    before, after = (
        int(max(1, min(LONGEST_WINDOW_S, scenario.recovery_s))),
        int(max(1, scenario.during_s * 3 // 4)),
    )
    return {
        "title": f"Users are served again soon after {_disturbance(scenario)}",
        "description": f"Baseline {scenario.baseline_s:g} s, fault {scenario.during_s:g} s, "
        f"recovery {scenario.recovery_s:g} s. Written by brownout run --fault.",
        "tags": sorted({*(fault["kind"] for fault in scenario.faults), *(["kill"] if scenario.kill else [])}),
        "steady-state-hypothesis": {
            "title": "Users are served, at least with a fallback",
            "probes": _steady(before),
        },
        "method": [
            _action("phase: baseline", "mark_phase", scenario.baseline_s, phase="baseline"),
            _action("phase: fault", "mark_phase", phase="fault"),
            *_disturbances(scenario),
            *_observations(after),
            _action("phase: recovery", "mark_phase", phase="recovery"),
            _action("end the faults", "clear_faults", scenario.recovery_s),
        ],
        "rollbacks": [_action("clear all faults", "clear_faults")],
    }


def _disturbance(scenario: FaultScenario) -> str:
    kill = [f"a kill of a {scenario.kill} replica"] if scenario.kill else []
    return " and ".join([*map(write_fault, scenario.faults), *kill])


def _disturbances(scenario: FaultScenario) -> list[dict[str, Any]]:
    """Faults first, and the kill while they last."""
    early = scenario.during_s * BEFORE_KILL if scenario.kill and scenario.faults else 0.0
    made = []
    if scenario.faults:
        name = " and ".join(map(write_fault, scenario.faults)) + " on every backend"
        pause = early or scenario.during_s
        made.append(_action(name, "set_faults", pause, faults=list(scenario.faults), seed=scenario.seed))
    if scenario.kill:
        name = f"kill a {scenario.kill} replica"
        # Whoever names a service of their own knows how many replicas it has; a dependency has one.
        more = {} if scenario.kill in ROLES else {"even_last": True}
        pause = scenario.during_s - early
        chosen = {"service": scenario.kill, "seed": scenario.seed, **more}
        made.append(_action(name, "kill_replica", pause, **chosen))
    return made


def _steady(seconds: int) -> list[dict[str, Any]]:
    share = _probe("users are served", "success_ratio", seconds=seconds, with_fallbacks=True)
    return [
        {**_probe("every replica is ready", "all_replicas_ready", within_s=30), "tolerance": True},
        {**_probe("no fault is set", "faults_active"), "tolerance": False},
        {**share, "tolerance": {"type": "range", "range": [ENOUGH, 1.0]}},
    ]


def _observations(seconds: int) -> list[dict[str, Any]]:
    """A probe for the journal: what users saw while it lasted."""
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
