"""A shape's parameter: a dataclass field that knows its bounds and becomes a Locust argument."""

from __future__ import annotations

import math
from dataclasses import Field, dataclass, field
from typing import Any

from brownout_terms.bounds import Bounds


@dataclass(frozen=True)
class Parameter:
    """One argument of a shape, `--name-with-dashes` on the command line."""

    name: str
    default: float | None
    bounds: Bounds
    help: str


def parameter(default: float | None, bounds: Bounds, help: str) -> Any:  # noqa: A002 - argparse's word for it
    """A dataclass field with its bounds; a default of None means: derived from the length of the run."""
    return field(default=default, metadata={"bounds": bounds, "help": help})


def describe(declared: Field[Any]) -> Parameter:
    """The parameter that a shape's dataclass field declares."""
    default: Any = declared.default
    return Parameter(declared.name, default, declared.metadata["bounds"], declared.metadata["help"])


SECONDS = Bounds(0, math.inf, 30, "s", above=True)
LEVEL = Bounds(0, 1, 0.5)
