"""The structure of an experiment's document: what must be a text, a list or an object. Pure.

The engine finds some mistakes too, but names no place. The checks that follow rely on this one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

TYPE_NAMES: dict[type, str] = {str: "a text", list: "a list", dict: "an object"}

LISTS = ("method", "rollbacks", "controls", "extensions")
OBJECTS = ("configuration", "secrets", "steady-state-hypothesis")

Complaints = Iterator[str]


def complaints(experiment: Mapping[str, Any]) -> Complaints:
    """Yield what has the wrong type, each with its place."""
    yield from _must_be("title", experiment.get("title"), str)
    for name in LISTS:
        yield from _must_be(name, experiment.get(name), list)
    for name in OBJECTS:
        yield from _must_be(name, experiment.get(name), dict)
    for name in ("controls", "extensions"):
        for index, one in enumerate(experiment.get(name) or []):
            if not (isinstance(one, dict) and isinstance(one.get("name"), str)):
                yield f'{name}[{index}]: it must be an object with a "name"'
    hypothesis = experiment.get("steady-state-hypothesis") or {}
    yield from _must_be("steady-state-hypothesis.probes", hypothesis.get("probes"), list)
    for place, activities in activities_of(experiment).items():
        for index, one in enumerate(activities):
            yield from _of_activity(f"{place}[{index}]", one)


def activities_of(experiment: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Return the lists of activities by their places."""
    hypothesis = experiment.get("steady-state-hypothesis") or {}
    return {
        "steady-state-hypothesis.probes": hypothesis.get("probes") or [],
        "method": experiment.get("method") or [],
        "rollbacks": experiment.get("rollbacks") or [],
    }


def name_of(activity: Mapping[str, Any]) -> str:
    """Return an activity's name, or the one that it refers to."""
    return str(activity.get("name", activity.get("ref", "?")))


def _must_be(place: str, value: Any, kind: type) -> Complaints:
    if value is not None and not isinstance(value, kind):
        yield f"{place}: it must be {TYPE_NAMES[kind]}"


def _of_activity(place: str, activity: Any) -> Complaints:
    if not isinstance(activity, dict):
        yield f'{place} "?": an activity is an object with type, name and provider'
        return
    if "ref" in activity:
        return
    place = f'{place} "{name_of(activity)}"'
    if activity.get("type") not in ("action", "probe"):
        yield f'{place}: its type is "{activity.get("type")}"; allowed: action, probe'
    if place.startswith("steady-state") and "tolerance" not in activity:
        yield f"{place}: it has no tolerance, so any outcome would pass. Add one, such as true"
    provider = activity.get("provider")
    if not isinstance(provider, dict):
        yield f'{place}: it has no provider. Add "provider": an object with type, module and func'
        return
    if provider.get("type") == "python":
        yield from _must_be(f"{place}.provider.arguments", provider.get("arguments"), dict)
        for name in ("module", "func"):
            value = provider.get(name)
            if not (isinstance(value, str) and value.strip(".") == value != ""):
                yield f'{place}.provider.{name}: "{value}" is not a name'
    yield from _of_pauses(place, activity.get("pauses"))


def _of_pauses(place: str, pauses: Any) -> Complaints:
    yield from _must_be(f"{place}.pauses", pauses, dict)
    for name, value in pauses.items() if isinstance(pauses, dict) else ():
        if isinstance(value, int | float) and value < 0:
            yield f"{place}.pauses.{name}: {value} s is not a duration; allowed: 0 or more"
