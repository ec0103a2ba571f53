"""One template for light and dark: every colour of every chart is in both themes."""

from __future__ import annotations

import re

import plotly.graph_objects as go
import pytest

from brownout_results.report.comparison_report import report_of_comparison
from brownout_results.report.comparison_sides import runs_side_by_side
from brownout_results.report.document import Document
from brownout_results.report.html_page import page
from brownout_results.report.run_report import report_of_run
from brownout_results.report.runs import FolderRun
from brownout_results.report.themes import THEMES, Theme, colour, template, themed
from tests.results.report.runs import eventful

NAMED = re.compile(r"var\(--([\w-]+)\)")


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> list[Document]:
    folder = tmp_path_factory.mktemp("runs")
    runs = [FolderRun(eventful(folder / f"{number}", f"run {number}")) for number in range(10)]
    return [report_of_run(runs[0].run, "now"), report_of_comparison(runs_side_by_side(runs), "now")]


def figures(documents: list[Document]) -> list[go.Figure]:
    return [figure for one in documents for chart in one.charts for figure in chart.views.values()]


def test_both_themes_name_the_same_colours() -> None:
    assert set(THEMES["light"]) == set(THEMES["dark"])


def test_every_colour_that_a_chart_names_is_in_the_themes_and_in_the_page_s_style(
    documents: list[Document],
) -> None:
    named = {name for figure in figures(documents) for name in NAMED.findall(figure.to_json())}

    assert {"text", "rule", "fault", "ok-fill", "run-9"} <= named <= set(THEMES["light"])
    text = page(documents[1])
    assert [name for name in named if f"--{name}: " not in text] == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_themed_figure_names_no_colour_and_has_one_of_the_theme(
    theme: Theme, documents: list[Document]
) -> None:
    for figure in figures(documents):
        text = themed(figure, theme).to_json()
        assert not NAMED.search(text)
        assert THEMES[theme]["text"] in text
        assert THEMES[theme]["card"] in text


def test_a_run_s_name_stays_although_it_looks_like_a_colour() -> None:
    figure = go.Figure(go.Scatter(x=[0], y=[1], name=colour("ok"), line={"color": colour("ok")}))

    (trace,) = themed(figure).data

    assert (trace.name, trace.line.color) == ("var(--ok)", THEMES["light"]["ok"])


def test_all_charts_have_the_one_template(documents: list[Document]) -> None:
    wanted = template().to_plotly_json()
    assert all(figure.layout.template.to_plotly_json() == wanted for figure in figures(documents))
