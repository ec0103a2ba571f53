"""Settings of the runs: those that differ, and those that are the same."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from brownout_results.read.run_folder import Run
from brownout_terms.codes import is_done
from brownout_terms.numbers import NONE
from brownout_terms.texts import short

from .document import Setting

LEFT_OUT = {
    "format", "label", "started", "ended", "how_ended", "command", "pid", "requests", "untimed", "workers",
    "not_written",
}  # fmt: skip
"""Fields of run.json that say how a run went, not what was run."""


def settings(manifests: Sequence[Mapping[str, Any]]) -> tuple[list[Setting], list[Setting]]:
    """Return the settings that differ between the runs, and those that do not."""
    flat = [dict(_flat(manifest)) for manifest in manifests]
    names = dict.fromkeys(name for values in flat for name in values)
    rows = [Setting(name=short(name), values=[values.get(name, NONE) for values in flat]) for name in names]
    differing = [row for row in rows if len(set(row.values)) > 1]
    return differing, [row for row in rows if len(set(row.values)) == 1]


def recorded(run: Run) -> dict[str, Any]:
    """What run.json says of what was run, and the policy that the clients said they had."""
    fields = {name: value for name, value in run.manifest.items() if name not in LEFT_OUT}
    policy = policy_of(run)
    return ({"policy": policy} if policy else {}) | policy_numbers(run.events) | fields


def policy_of(run: Run) -> str:
    """The clients' policy; several, in their order, if it was changed."""
    return " then ".join(short(name) for name in run.samples.text("policy").names if name)


def policy_numbers(events: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """The clients' policy as the timeline has it, a setting each; "3 then 5" where it was changed.

    Of what is switched off there is no number: it had no effect.
    """
    policies = [dict(_numbers("policy", policy)) for policy in _policies(events)]
    names = dict.fromkeys(name for policy in policies for name in policy)
    return {
        name: " then ".join(value for value, _ in groupby(policy.get(name, NONE) for policy in policies))
        for name in names
    }


def _policies(events: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    for event in events:
        policy = event.get("policy")
        # A preset's name alone is what was asked for when no client answered.
        is_change = event.get("kind") == "policy" and is_done(event)
        if is_change and isinstance(policy, Mapping) and "retry" in policy:
            yield policy


def _numbers(path: str, policy: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in policy.items():
        at = f"{path}, {name}"
        if not isinstance(value, Mapping):
            if name != "enabled":
                yield at, value if isinstance(value, str) else json.dumps(value)
        elif value.get("enabled") is False:
            yield at, "off"
        else:
            yield at, "on"
            yield from _numbers(at, value)


def _flat(value: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, str]]:
    for name, item in value.items():
        path = f"{before}{name}".replace("_", " ")
        if isinstance(item, Mapping):
            yield from _flat(item, f"{path}, ")
        elif isinstance(item, list) and all(isinstance(one, str) for one in item):
            yield path, short(", ".join(item)) or NONE
        elif item is not None:
            yield path, short(item if isinstance(item, str) else json.dumps(item))
