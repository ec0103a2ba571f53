"""Old names of our modules in experiment files still work, with a notice. Pure."""

from __future__ import annotations

from typing import Any

MODULES = {
    "chaos.actions": "brownout.actions",
    "chaos.probes": "brownout.probes",
    "chaos.control": "brownout_chaos.control",
}
"""Old names, and the new ones."""


def renamed(document: Any) -> tuple[Any, set[str]]:
    """Return the document with the new names of our modules, and the old names that it contained."""
    if isinstance(document, list):
        items = [renamed(one) for one in document]
        return [one for one, _ in items], set().union(*(found for _, found in items))
    if not isinstance(document, dict):
        return document, set()
    made, found = {}, set()
    for name, value in document.items():
        made[name], below = renamed(value)
        found |= below
    provider = made.get("provider")
    if isinstance(provider, dict) and provider.get("module") in [*MODULES]:
        found.add(provider["module"])
        made["provider"] = {**provider, "module": MODULES[provider["module"]]}
    return made, found


def notice(old: set[str]) -> str | None:
    """Return a sentence that says what to write instead of these names; None if there are none."""
    if not old:
        return None
    instead = ", ".join(f'"{MODULES[name]}" instead of "{name}"' for name in sorted(old))
    return f"modules have new names: write {instead}"
