"""A document as one HTML file that needs nothing else: style, scripts, data and Plotly are in it.

Texts of the document never become HTML or script: Jinja escapes them, the data stands in a block that is not
run, and the page's own policy lets only the scripts and styles run whose hashes it names.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from brownout_results.report.charts.style import DASHES

from .document import OVERALL_SIGNS, VERDICT_SIGNS, Chart, Document, FigureTable, Grid, ShownDifference
from .interval_strip import Place, place, reach_of
from .themes import css

HERE = Path(__file__).parent
STATIC = HERE / "static"
PLOTLY = HERE.parent / "vendor" / "plotly"
SCRIPTS = ("colours.js", "csv.js", "charts.js", "main.js")
FEW_NOTICES = 4
"""Notices that are shown before someone asks for more of them."""

NUMBER = re.compile(r"[+−]?\d[\d,.]*(?:[ /]?\S{0,3})?$|–$|never$|$")
"""A number with its unit, or what stands for one that is not known."""

MANY_RUNS = 6
"""Runs above which their cards are shown when someone asks for them."""

UNIT = re.compile(r"(?<=\d) (?=(%|pp|ms|s|MiB)\b|%)")

SWATCHES = {"solid": "", "dash": "7 4", "dot": "2 3", "dashdot": "7 3 2 3", "longdash": "12 4"}


def page(document: Document) -> str:
    """The page's text."""
    return render(
        "report.html",
        styles={"style": style_text(), "plotly_style": file_text(PLOTLY / "plotly.css")},
        scripts={
            "plotly": file_text(PLOTLY / "plotly-basic.min.js"),
            "script": "\n".join(file_text(STATIC / name) for name in SCRIPTS),
        },
        doc=document,
        data=Markup(_json(_data(document))),  # noqa: S704 - no letter of it can end the block: see _json
    )


def render(template: str, *, styles: dict[str, str], scripts: dict[str, str], **values: Any) -> str:
    """A page from a template, whose styles and scripts are the only ones that its policy lets run."""
    policy = (
        f"default-src 'none'; script-src {_hashes(scripts.values())}; style-src {_hashes(styles.values())}; "
        "img-src data: blob:; base-uri 'none'; form-action 'none'"
    )
    ours = {name: Markup(text) for name, text in (styles | scripts).items()}  # noqa: S704 - files of ours
    text = _environment().get_template(template).render(policy=policy, **ours, **values)
    return text.encode("utf-8", "replace").decode()  # half a surrogate pair can be in a name


def _data(document: Document) -> dict[str, Any]:
    return {
        "charts": [{"key": chart.key, "data": chart.data} | _drawn(chart) for chart in document.charts],
        "downloads": [
            {"name": one.name, "header": one.header, "columns": one.columns} for one in document.downloads
        ],
    }


def _drawn(chart: Chart) -> dict[str, Any]:
    """Return the layout that a chart's views share, and the traces of each."""
    views = {part: json.loads(figure.to_json()) for part, figure in chart.views.items()}
    return {
        "layout": next(iter(views.values()))["layout"],
        "views": {part: view["data"] for part, view in views.items()},
    }


def _json(value: Any) -> str:
    """Write JSON without any `<`, which could end the script element around it or begin a comment."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c")


def _strip(other: ShownDifference, table: FigureTable) -> Place | None:
    if other.drawn is None:
        return None
    drawn = [one.drawn for row in table.rows for one in row.others if one.drawn]
    return place(other.drawn, reach_of(drawn), is_good_up=other.is_good_up)


def anchor(title: str) -> str:
    """Return the anchor of a section with this title."""
    return "-".join("".join(letter if letter.isalnum() else " " for letter in title.lower()).split())


def sections(document: Document) -> list[tuple[str, str]]:
    """Return anchor and title of each section that the document has, as they follow each other."""
    found = [
        ("notices", "Before you believe it", document.notices),
        ("thresholds", "Thresholds", document.thresholds),
        *((f"chart-{one.key}", one.title, one.is_first) for one in document.charts),
        ("phases", "Phases side by side", document.matrices),
        ("figures", "Figures", document.tables),
        *((anchor(grid.title), grid.title, True) for grid in document.grids),
        *((f"chart-{one.key}", one.title, not one.is_first) for one in document.charts),
        ("causes", "What went wrong", document.causes or document.causes_note),
        ("settings", "Settings", document.differing or document.shared),
        ("method", "Method", document.methods),
        ("limits", "Limits", document.limits),
    ]
    return [(name, title) for name, title, is_there in found if is_there]


def is_number(grid: Grid, column: int) -> bool:
    """Whether a column holds numbers, which end below each other; the first one names the rows."""
    return column > 0 and all(NUMBER.match(row[column]) for row in grid.rows)


def _has_policy(document: Document) -> bool:
    return any(row.name == "policy" for row in [*document.differing, *document.shared])


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    dashes: Sequence[str] = [SWATCHES[dash] for dash in DASHES]
    environment.globals |= {
        "signs": VERDICT_SIGNS,
        "overall_signs": OVERALL_SIGNS,
        "place": _strip,
        "dashes": dashes,
        "has_policy": _has_policy,
        "anchor": anchor,
        "is_number": is_number,
        "sections": sections,
        "few_notices": FEW_NOTICES,
        "many_runs": MANY_RUNS,
    }
    environment.filters["bound"] = lambda text: UNIT.sub("\u00a0", text)
    return environment


@cache
def style_text() -> str:
    """Return the style of report and index: the themes' colours, then the file of ours."""
    dark = f':root:not([data-theme="light"]) {{\n{css("dark")}}}'
    return (
        f":root {{\n{css('light')}}}\n"
        f"@media screen and (prefers-color-scheme: dark) {{\n{dark}\n}}\n"
        f"{file_text(STATIC / 'report.css')}"
    )


@cache
def file_text(path: Path) -> str:
    """The text of a style or a script of ours."""
    return path.read_text("utf-8")


def _hashes(texts: Any) -> str:
    digests = (hashlib.sha256(text.encode()).digest() for text in texts)
    return " ".join(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)
