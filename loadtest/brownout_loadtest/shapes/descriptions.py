"""Describes the load shapes for the panel's form, from their one declaration."""

from __future__ import annotations

import math

from brownout_loadtest.shapes import SHAPES, parameters_of
from brownout_loadtest.shapes.parameter import Parameter
from brownout_panel.model import LoadShape, ShapeParameter


def described_shapes() -> list[LoadShape]:
    """Describe every shape and its parameters."""
    return [
        LoadShape(name, [_described(name, parameter) for parameter in parameters_of(shape)])
        for name, shape in SHAPES.items()
    ]


def _described(shape: str, parameter: Parameter) -> ShapeParameter:
    label, _, empty = parameter.help.removeprefix(f"{shape}: ").partition("; empty: ")
    low, high = (None if math.isinf(one) else one for one in (parameter.bounds.low, parameter.bounds.high))
    default = empty if parameter.default is None else f"{parameter.default:g}"
    return ShapeParameter(parameter.name, label, default, low, high, parameter.bounds.whole)
