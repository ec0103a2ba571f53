"""Load shapes, as functions of the length of a run."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brownout_loadtest.shapes import SHAPES, Shape, parameters_of
from brownout_loadtest.shapes.pictures import FOLDER, picture
from brownout_loadtest.shapes.polyline import Polyline, level_at
from brownout_loadtest.shapes.ramp import Ramp
from brownout_loadtest.shapes.soak import Soak
from brownout_loadtest.shapes.spike import Spike
from brownout_loadtest.shapes.steady import Steady
from brownout_loadtest.shapes.steps import Steps
from brownout_loadtest.shapes.up_down import UpDown

LINES: list[tuple[Shape, Polyline]] = [
    (Steady(), [(0, 1), (100, 1)]),
    (Ramp(), [(0, 0), (100, 1), (100, 1)]),
    (Ramp(ramp_from=0.5, ramp_time=20), [(0, 0.5), (20, 1), (100, 1)]),
    (Steps(steps=2), [(0, 0.5), (50, 0.5), (50, 1), (100, 1)]),
    (Spike(), [(0, 0.2), (40, 0.2), (40, 1), (60, 1), (60, 0.2), (100, 0.2)]),
    (
        Spike(spike_base=0.1, spike_at=10, spike_time=5),
        [(0, 0.1), (10, 0.1), (10, 1), (15, 1), (15, 0.1), (100, 0.1)],
    ),
    (Soak(), [(0, 0), (5, 1), (95, 1), (100, 0)]),
    (Soak(soak_ramp=80), [(0, 0), (50, 1), (50, 1), (100, 0)]),
    (UpDown(up_down_steps=2), [(0, 0.5), (40, 0.5), (40, 1), (80, 1), (80, 0.5), (120, 0.5)]),
]


def test_a_shape_over_a_run() -> None:
    for shape, line in LINES:
        points = shape.line(line[-1][0])
        assert [second for second, _ in points] == pytest.approx([second for second, _ in line]), shape
        assert [level for _, level in points] == pytest.approx([level for _, level in line]), shape


@given(st.sampled_from(sorted(SHAPES)), st.floats(1, 1e5))
def test_every_shape_starts_at_0_and_reaches_its_peak_within_the_run(name: str, length: float) -> None:
    shape: Any = SHAPES[name]
    line = shape().line(length)
    seconds = [second for second, _ in line]
    assert seconds[0] == 0
    assert seconds == sorted(seconds)
    assert seconds[-1] == pytest.approx(length)
    assert max(level for _, level in line) == 1
    assert min(level for _, level in line) >= 0


def test_up_down_holds_every_rate_on_the_way_down_as_long_as_on_the_way_up() -> None:
    line = UpDown(up_down_steps=4).line(70)
    middles = [level_at(line, 5.0 + 10 * plateau) for plateau in range(7)]
    assert middles == [0.25, 0.5, 0.75, 1, 0.75, 0.5, 0.25]


def test_the_level_at_a_moment_is_on_the_line_and_after_a_jump() -> None:
    line = [(0.0, 0.2), (10.0, 1.0), (10.0, 0.4), (20.0, 0.4)]
    levels = [level_at(line, second) for second in (-1, 0, 5, 10, 15, 20, 99)]
    assert levels == pytest.approx([0.2, 0.2, 0.6, 0.4, 0.4, 0.4, 0.4])


def test_the_parameters_and_their_defaults_are_these() -> None:
    pinned = {name: {p.name: p.default for p in parameters_of(shape)} for name, shape in SHAPES.items()}
    assert pinned == {
        "steady": {},
        "ramp": {"ramp_from": 0.0, "ramp_time": None},
        "steps": {"steps": 5},
        "spike": {"spike_base": 0.2, "spike_at": None, "spike_time": None},
        "soak": {"soak_ramp": None},
        "up-down": {"up_down_steps": 4},
    }


def test_the_pictures_in_the_docs_are_what_the_code_draws() -> None:
    """If they aren't: python -m brownout_loadtest.shapes.pictures"""
    drawn = {f"{name}.svg": picture(shape) for name, shape in SHAPES.items()}
    assert {path.name: path.read_text() for path in FOLDER.iterdir()} == drawn


def test_the_docs_tell_of_every_shape_and_every_parameter() -> None:
    text = (FOLDER.parent.parent / "shapes.md").read_text()
    for name, shape in SHAPES.items():
        assert f"## `{name}`" in text
        assert f"images/shapes/{name}.svg" in text
        for parameter in parameters_of(shape):
            assert f"`--{parameter.name.replace('_', '-')}`" in text
