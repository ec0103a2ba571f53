"""Draws each shape for the docs, docs/images/shapes/*.svg: `python -m brownout_loadtest.shapes.pictures`"""

from __future__ import annotations

from pathlib import Path

from brownout_loadtest.shapes import SHAPES, Shape

FOLDER = Path(__file__).parents[3] / "docs" / "images" / "shapes"

WIDTH, HEIGHT = 480, 160
LEFT, RIGHT, TOP, BOTTOM = 52, 24, 14, 34
LENGTH_S = 120.0

STYLE = """
  text { font: 12px system-ui, sans-serif; fill: #555 }
  .axis { stroke: #8c8c8c; stroke-width: 1 }
  .grid { stroke: #8c8c8c; stroke-width: 1; opacity: 0.25 }
  .line { fill: none; stroke: #0072b2; stroke-width: 2.5; stroke-linejoin: round }
  .area { fill: #0072b2; opacity: 0.12 }
  @media (prefers-color-scheme: dark) {
    text { fill: #bbb }
    .line { stroke: #56b4e9 }
    .area { fill: #56b4e9 }
  }
"""


def picture(shape: type[Shape]) -> str:
    """An SVG of the shape with its defaults, over a run of two minutes."""
    line = shape().line(LENGTH_S)
    points = " ".join(f"{_x(second):g},{_y(level):g}" for second, level in line)
    area = f"{_x(0):g},{_y(0):g} {points} {_x(LENGTH_S):g},{_y(0):g}"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">',
        f"<title>{shape.name}: load over a run of two minutes</title>",
        f"<style>{STYLE}</style>",
        *(_level_mark(level, label) for level, label in ((0.0, "0"), (0.5, "½"), (1.0, "peak"))),
        *(_second_mark(second) for second in (0, 30, 60, 90, 120)),
        f'<polygon class="area" points="{area}"/>',
        f'<polyline class="line" points="{points}"/>',
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def write(folder: Path) -> None:
    """Draw all shapes into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, shape in SHAPES.items():
        (folder / f"{name}.svg").write_text(picture(shape))


def _level_mark(level: float, label: str) -> str:
    y = _y(level)
    kind = "grid" if level else "axis"
    return (
        f'<line class="{kind}" x1="{LEFT}" y1="{y:g}" x2="{WIDTH - RIGHT}" y2="{y:g}"/>'
        f'<text x="{LEFT - 8}" y="{y + 4:g}" text-anchor="end">{label}</text>'
    )


def _second_mark(second: int) -> str:
    x, y = _x(second), _y(0)
    return (
        f'<line class="axis" x1="{x:g}" y1="{y:g}" x2="{x:g}" y2="{y + 4:g}"/>'
        f'<text x="{x:g}" y="{y + 18:g}" text-anchor="middle">{second} s</text>'
    )


def _x(second: float) -> float:
    return round(LEFT + (WIDTH - LEFT - RIGHT) * second / LENGTH_S, 2)


def _y(level: float) -> float:
    return round(HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * level, 2)


if __name__ == "__main__":
    write(FOLDER)
