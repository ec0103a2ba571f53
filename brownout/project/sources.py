"""Where a setting comes from: the layers below each other, and the place of each key. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from brownout.project.lines import Lines
from brownout.project.lines import Path as KeyPath


@dataclass(frozen=True)
class Layer:
    """A source of settings: a file, or the environment."""

    name: str
    """What people read: the file's name."""
    values: Mapping[str, Any]
    lines: Lines | None = None
    folder: Path | None = None
    """Paths in its values are relative to it."""
    inside: KeyPath = ()
    """The table of the file that holds the values."""
    places: Mapping[KeyPath, str] = field(default_factory=dict)
    """The place of each key, where it has no lines: the variable."""

    def place(self, path: KeyPath) -> str:
        """Say where a key stands."""
        line = self.lines.of((*self.inside, *path)) if self.lines else None
        return f"{self.name}, line {line}" if line else self.places.get(path, self.name)


def merged(layers: Sequence[Layer]) -> dict[str, Any]:
    """Return the settings of all layers; the first that has a key decides."""
    result: dict[str, Any] = {}
    for layer in reversed(layers):
        _merge(result, layer.values)
    return result


def _merge(into: dict[str, Any], values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        if isinstance(value, Mapping) and isinstance(into.get(name), dict):
            _merge(into[name], value)
        else:
            into[name] = _copied(value)


def _copied(value: Any) -> Any:
    return {name: _copied(item) for name, item in value.items()} if isinstance(value, Mapping) else value


def leaves(values: Mapping[str, Any], path: KeyPath = ()) -> Iterator[tuple[KeyPath, Any]]:
    """Walk over all keys that are no tables."""
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from leaves(value, (*path, name))
        else:
            yield (*path, name), value


def layer_of(layers: Sequence[Layer], path: KeyPath) -> Layer | None:
    """Return the layer that decides about a key."""
    return next((layer for layer in layers if _has(layer.values, path)), None)


def _has(values: Any, path: KeyPath) -> bool:
    for name in path:
        if not isinstance(values, Mapping) or name not in values:
            return False
        values = values[name]
    return True


def place_in(layers: Sequence[Layer], path: KeyPath) -> str:
    """Say where the key, or what it stands in, was set."""
    while path:
        if layer := layer_of(layers, path):
            return layer.place(path)
        path = path[:-1]
    return layers[-1].name if layers else "the defaults"
