"""Chooses the replica for the next connection, and how many connections each should hand over."""

from __future__ import annotations

from collections.abc import Collection, Mapping


def least_loaded(load: Mapping[str, int], exclude: Collection[str] = ()) -> str | None:
    """The name with the fewest connections, the first of equals; None when there is none left.

    `load` maps each ready replica to the connections that it holds.
    """
    candidates = [name for name in load if name not in exclude]
    return min(candidates, key=load.__getitem__, default=None)


def surplus(load: Mapping[str, int]) -> dict[str, int]:
    """How many connections each replica should hand over so that all hold the same, give or take one."""
    if not load:
        return {}
    share = -(-sum(load.values()) // len(load))
    return {name: held - share for name, held in load.items() if held > share}
