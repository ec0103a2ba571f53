"""Load shapes: how the load moves between nothing and its peak. One file each; a new one is listed here."""

from __future__ import annotations

from dataclasses import Field, fields
from typing import Any, ClassVar, Protocol

from brownout_loadtest.shapes.parameter import Parameter, describe
from brownout_loadtest.shapes.polyline import Polyline
from brownout_loadtest.shapes.ramp import Ramp
from brownout_loadtest.shapes.soak import Soak
from brownout_loadtest.shapes.spike import Spike
from brownout_loadtest.shapes.steady import Steady
from brownout_loadtest.shapes.steps import Steps
from brownout_loadtest.shapes.up_down import UpDown


class Shape(Protocol):
    """A dataclass whose fields are its parameters."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]
    name: ClassVar[str]

    def line(self, length: float) -> Polyline: ...


SHAPES: dict[str, type[Shape]] = {shape.name: shape for shape in (Steady, Ramp, Steps, Spike, Soak, UpDown)}


def parameters_of(shape: type[Shape]) -> list[Parameter]:
    """A shape's parameters, in the order in which it declares them."""
    return [describe(declared) for declared in fields(shape)]
