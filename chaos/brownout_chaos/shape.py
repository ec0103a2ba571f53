"""The shape of an experiment's document: what must be a text, a list, an object. Pure.

The engine finds some of it, by an exception of its own and without a place; what is checked after this relies
on it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

WORDS: dict[type, str] = {str: "a text", list: "a list", dict: "an object"}

LISTS = ("method", "rollbacks", "controls", "extensions")
OBJECTS = ("configuration", "secrets", "steady-state-hypothesis")

Found = Iterator[str]


def complaints(experiment: Mapping[str, Any]) -> Found:
    """What is of the wrong kind, each with its place."""
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
    for place, activities in parts(experiment).items():
        for index, one in enumerate(activities):
            yield from _of_activity(f"{place}[{index}]", one)


def parts(experiment: Mapping[str, Any]) -> dict[str, list[Any]]:
    """The lists of activities by their places."""
    hypothesis = experiment.get("steady-state-hypothesis") or {}
    return {
        "steady-state-hypothesis.probes": hypothesis.get("probes") or [],
        "method": experiment.get("method") or [],
        "rollbacks": experiment.get("rollbacks") or [],
    }


def name_of(activity: Mapping[str, Any]) -> str:
    """An activity's name, or the one that it refers to."""
    return str(activity.get("name", activity.get("ref", "?")))


def _must_be(place: str, value: Any, kind: type) -> Found:
    if value is not None and not isinstance(value, kind):
        yield f"{place}: it must be {WORDS[kind]}"


def _of_activity(place: str, activity: Any) -> Found:
    if not isinstance(activity, dict):
        yield f'{place} "?": an activity is an object with type, name and provider'
        return
    if "ref" in activity:
        return
    place = f'{place} "{name_of(activity)}"'
    if activity.get("type") not in ("action", "probe"):
        yield f'{place}: its type is "{activity.get("type")}"; allowed: action, probe'
    if place.startswith("steady-state") and "tolerance" not in activity:
        yield f"{place}: it has no tolerance, so that any outcome would do. Add one, such as true"
    provider = activity.get("provider")
    if not isinstance(provider, dict):
        yield f'{place}: it has no provider. Add "provider": an object with type, module and func'
        return
    yield from _must_be(f"{place}.provider.arguments", provider.get("arguments"), dict)
    if provider.get("type") == "python":
        for name in ("module", "func"):
            value = provider.get(name)
            if not (isinstance(value, str) and value.strip(".") == value != ""):
                yield f'{place}.provider.{name}: "{value}" is no name'
    yield from _of_pauses(place, activity.get("pauses"))


def _of_pauses(place: str, pauses: Any) -> Found:
    yield from _must_be(f"{place}.pauses", pauses, dict)
    for name, value in pauses.items() if isinstance(pauses, dict) else ():
        if isinstance(value, int | float) and value < 0:
            yield f"{place}.pauses.{name}: {value} s is no time to wait; allowed: 0 or more"
