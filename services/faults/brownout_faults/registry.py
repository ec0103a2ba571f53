"""The kinds of fault that this process knows: those in `kinds/`, and those that others register."""

import functools
import importlib
import os
import pkgutil
import re
from typing import TypeVar

from .descriptions import describe
from .fault import Fault

MODULES_VARIABLE = "BROWNOUT_FAULT_MODULES"
"""Environment variable: modules that register kinds of fault, separated by commas."""

K = TypeVar("K", bound=type[Fault])

_KINDS: dict[str, type[Fault]] = {}


def register(kind: K) -> K:
    """Make a kind of fault known to every injector, form and command; to be used as a decorator.

    Raises ValueError for a name that is taken or can't be typed, and for a description that is wrong.
    """
    name = kind.kind()
    if not re.fullmatch(r"[a-z][a-z0-9_-]*", name):
        raise ValueError(f'the kind of fault "{name}" must be named in lower-case letters, digits, - and _')
    other = _KINDS.get(name, kind)
    if (other.__module__, other.__qualname__) != (kind.__module__, kind.__qualname__):
        raise ValueError(f'the kind of fault "{name}" is registered already, by {other.__module__}')
    describe(kind)
    _KINDS[name] = kind
    return kind


def kinds() -> tuple[type[Fault], ...]:
    """Return all kinds of fault: our own by name, then others in the order in which they were registered."""
    _import_modules()
    ours = f"{__package__}.kinds."
    return tuple(
        sorted(
            _KINDS.values(),
            key=lambda kind: (0, kind.kind()) if kind.__module__.startswith(ours) else (1, ""),
        )
    )


@functools.cache
def _import_modules() -> None:
    package = importlib.import_module(f"{__package__}.kinds")
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"{package.__name__}.{module.name}")
    for name in os.environ.get(MODULES_VARIABLE, "").split(","):
        if name.strip():
            importlib.import_module(name.strip())
