"""The colours of page and charts, light and dark, and the one template that all charts have.

A chart names its colours as `var(--name)`, as CSS does: the page fills in those of the reader's screen,
`themed` those of a picture or a notebook. Both take them from here.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Literal

from brownout_terms.styles import BASELINE, COLOURS, COMPARED

if TYPE_CHECKING:
    import plotly.graph_objects as go

Theme = Literal["light", "dark"]

CLEAR = "rgba(0,0,0,0)"
FILLED = 0.45
"""How dense the colour of a filled area is."""

_BOTH: dict[str, str] = {
    **{str(name): value for name, value in COLOURS.items()},
    "fault": COLOURS["mark"],
    "run-0": BASELINE,
}

_LIGHT = {
    "line": COMPARED,
    "page": "#f4f5f6",
    "card": "#ffffff",
    "text": "#1c2024",
    "quiet": "#5a636c",
    "rule": "#dfe3e6",
    "hover": "#eef1f3",
    "fault-text": "#94467a",
    "ok-text": "#00704f",
    "fallback-text": "#845a00",
    "error-text": "#b04a00",
    "link": "#005a8d",
    "run-1": COMPARED,
    "run-2": "#7a4fa3",
    "run-3": "#1b7f79",
    "run-4": "#8c510a",
    "run-5": "#b2477f",
    "run-6": "#4d4d4d",
    "run-7": "#5e8c1f",
    "run-8": "#9e2a2b",
    "run-9": "#3b4cc0",
}

_DARK = {
    "line": "#56a8dc",
    "page": "#111417",
    "card": "#1a1e22",
    "text": "#e6e9eb",
    "quiet": "#a0a9b1",
    "rule": "#30363c",
    "hover": "#252b31",
    "fault-text": "#e2a3c8",
    "ok-text": "#3fc59d",
    "fallback-text": "#f0b93c",
    "error-text": "#f58f45",
    "link": "#74b9e6",
    "run-1": "#2389d0",
    "run-2": "#ae8bd0",
    "run-3": "#4bb3ac",
    "run-4": "#c98b45",
    "run-5": "#d884b0",
    "run-6": "#b0b0b0",
    "run-7": "#97c455",
    "run-8": "#e0777a",
    "run-9": "#8b9af0",
}


def _filled(hexadecimal: str) -> str:
    red, green, blue = bytes.fromhex(hexadecimal.removeprefix("#"))
    return f"rgba({red},{green},{blue},{FILLED})"


_FILLS = {f"{name}-fill": _filled(value) for name, value in COLOURS.items()} | {
    f"{name}-fill": _filled(_LIGHT.get(name, BASELINE)) for name in ("line", *(f"run-{n}" for n in range(10)))
}

THEMES: dict[Theme, dict[str, str]] = {"light": _BOTH | _LIGHT | _FILLS, "dark": _BOTH | _DARK | _FILLS}

_NAMED = re.compile(r"var\(--([a-z0-9-]+)\)")
_COLOUR_KEYS = frozenset(
    ("color", "fillcolor", "bgcolor", "fgcolor", "bordercolor", "gridcolor", "paper_bgcolor", "plot_bgcolor")
)


def colour(name: str) -> str:
    """Return the colour of this name in a chart, which every theme fills in for itself."""
    return f"var(--{name})"


def css(theme: Theme) -> str:
    """Return the theme's colours as declarations of CSS."""
    return "".join(f"  --{name}: {value};\n" for name, value in THEMES[theme].items())


def template() -> go.layout.Template:
    """Return what all charts have in common: letters, ground, axes, legend."""
    import plotly.graph_objects as go

    axis = {
        "gridcolor": colour("rule"),
        "zeroline": False,
        "tickfont": {"size": 11, "color": colour("quiet")},
        "title": {"font": {"size": 11, "color": colour("quiet")}},
    }
    small = {"size": 11, "color": colour("text")}
    return go.layout.Template(
        layout={
            "font": {"family": "system-ui, sans-serif", "size": 12, "color": colour("text")},
            "paper_bgcolor": CLEAR,
            "plot_bgcolor": CLEAR,
            "hoverlabel": {"bgcolor": colour("card"), "bordercolor": colour("rule"), "font": small},
            "legend": {"orientation": "h", "x": 0, "bgcolor": CLEAR},
            "annotationdefaults": {"showarrow": False, "font": small},
            "xaxis": axis,
            "yaxis": axis,
        }
    )


def themed(figure: go.Figure, theme: Theme = "light") -> go.Figure:
    """Return the figure with a theme's colours, on the ground of its cards."""
    import plotly.graph_objects as go

    found = go.Figure(_with_colours(figure.to_plotly_json(), THEMES[theme], ""))
    return found.update_layout(paper_bgcolor=THEMES[theme]["card"])


def _with_colours(value: Any, colours: dict[str, str], key: str) -> Any:
    if isinstance(value, dict):
        return {name: _with_colours(item, colours, name) for name, item in value.items()}
    if isinstance(value, list | tuple) and value and isinstance(value[0], dict):
        return [_with_colours(item, colours, key) for item in value]
    if isinstance(value, str) and key in _COLOUR_KEYS and (found := _NAMED.fullmatch(value)):
        return colours[found[1]]
    return value
