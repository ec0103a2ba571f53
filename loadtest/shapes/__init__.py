"""Load shapes: how the load moves between nothing and its peak. One file each; a new one is listed here."""

from __future__ import annotations

from dataclasses import fields
from typing import ClassVar, Protocol

from loadtest.shapes.parameter import Parameter, describe
from loadtest.shapes.polyline import Polyline
from loadtest.shapes.ramp import Ramp
from loadtest.shapes.soak import Soak
from loadtest.shapes.spike import Spike
from loadtest.shapes.steady import Steady
from loadtest.shapes.steps import Steps
from loadtest.shapes.up_down import UpDown


class Shape(Protocol):
    """A dataclass whose fields are its parameters."""

    name: ClassVar[str]

    def line(self, length: float) -> Polyline: ...


SHAPES: dict[str, type[Shape]] = {shape.name: shape for shape in (Steady, Ramp, Steps, Spike, Soak, UpDown)}


def parameters_of(shape: type[Shape]) -> list[Parameter]:
    """A shape's parameters, in the order in which it declares them."""
    return [describe(declared) for declared in fields(shape)]  # type: ignore[arg-type]
