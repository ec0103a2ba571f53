"""Faults and policies that an experiment names, before any load is sent: the services' own rules say what is
allowed, which the room of experiments does not know. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from brownout_chaos import structure


def complaint(experiment: Mapping[str, Any]) -> str | None:
    """What of it no service would take, and where; None if there is nothing."""
    for place, activities in structure.activities_of(experiment).items():
        for index, activity in enumerate(activities):
            provider = activity.get("provider") or {}
            if provider.get("module") != "brownout.actions":
                continue
            for wrong in _of_call(str(provider.get("func")), provider.get("arguments") or {}):
                return f'{place}[{index}] "{structure.name_of(activity)}": {wrong}'
    return None


def _of_call(func: str, arguments: Mapping[str, Any]) -> Iterator[str]:
    text = msgspec.json.encode(arguments)
    if b"${" in text:  # the engine puts in what the configuration has
        return
    if func == "set_faults":
        yield from _of_faults(arguments)
    if func == "set_policy" and arguments.get("preset") is not None:
        from brownout_client.policy import PRESETS

        if arguments["preset"] not in PRESETS:
            yield f'preset is "{arguments["preset"]}"; allowed: {", ".join(PRESETS)}'


def _of_faults(arguments: Mapping[str, Any]) -> Iterator[str]:
    from brownout_faults import validation
    from brownout_faults.document import document_type
    from brownout_faults.problem import Problem

    sent = {name: arguments[name] for name in ("faults", "seed", "lease_s") if name in arguments}
    try:
        validation.decode(msgspec.json.encode(sent), document_type())
    except Problem as problem:
        yield str(problem.description)
