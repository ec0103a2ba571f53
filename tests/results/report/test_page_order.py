"""The page has its timeline before its tables, phases side by side, and an anchor for each section."""

from __future__ import annotations

import pytest

from brownout_results.report.comparison_report import report_of_comparison
from brownout_results.report.comparison_sides import runs_side_by_side
from brownout_results.report.document import Document, Grid
from brownout_results.report.html_page import is_number, page
from brownout_results.report.run_report import report_of_run
from brownout_results.report.runs import FolderRun
from tests.results.report.runs import eventful
from tests.results.report.test_html_page import Tags


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> list[Document]:
    folder = tmp_path_factory.mktemp("runs")
    sides = [FolderRun(eventful(folder / name, name, slow_ms=ms)) for name, ms in (("a", 100), ("b", 400))]
    return [report_of_comparison(runs_side_by_side(sides), "now"), report_of_run(sides[0].run, "now")]


def test_every_link_of_the_contents_leads_to_a_section(documents: list[Document]) -> None:
    for document in documents:
        tags = Tags(page(document)).tags
        ids = [attrs["id"] for tag, attrs in tags if tag == "section" and "id" in attrs]
        links = [str(attrs["href"]).removeprefix("#") for tag, attrs in tags if tag == "a"]
        assert len(links) >= 6
        assert [link for link in links if link not in ids] == []
        assert len(ids) == len(set(ids))
        assert sorted(links, key=ids.index) == links, "the contents have the order of the page"


def test_the_chart_comes_before_the_tables(documents: list[Document]) -> None:
    for document in documents:
        text = page(document)
        assert text.index('id="verdict"') < text.index('id="chart-timeline"') < text.index('id="figures"')
        assert text.index('id="figures"') < text.index('id="chart-percentiles"')


def test_the_phases_verdicts_stand_side_by_side(documents: list[Document]) -> None:
    (matrix,) = documents[0].matrices

    assert (matrix.baseline, matrix.run) == ("a", "b")
    assert matrix.columns == ["all requests", "baseline", "fault", "recovery"]
    (p50,) = [row for row in matrix.rows if row.figure == "p50"]
    assert [cell and cell.before for cell in p50.cells] == ["16.0 ms", "14.0 ms", "102 ms", "14.0 ms"]
    assert all(cell is None or cell.verdict for cell in p50.cells)
    assert not documents[1].matrices


def test_numbers_stay_with_their_units(documents: list[Document]) -> None:
    sentences = page(documents[0]).partition('id="verdict"')[2].partition("</section>")[0]

    assert "\u00a0%" in sentences or "\u00a0ms" in sentences
    assert " %" not in sentences


def test_more_than_a_few_notices_are_shown_when_asked_for() -> None:
    nine = [f"notice {at}" for at in range(9)]
    text = page(Document(title="a", sentences=["b"], tone="", made="c", runs=[], notices=nine))

    assert "<summary>5 more</summary>" in text


@pytest.mark.parametrize(
    ("cells", "wanted"),
    [
        (["1", "2,000", "–"], True),
        (["12.5 ms", "1.20×", "0/s", "97.22 %", "−3.97/s", "16 B", "never", ""], True),
        (["4 s (22:23:00 UTC)"], False),
        (["12.5 ms", "users.py:9 go"], False),
        (["GET /fetch"], False),
        (["503 Server Error"], False),
    ],
)
def test_numbers_stand_to_the_right_and_texts_to_the_left(cells: list[str], wanted: bool) -> None:
    grid = Grid(title="t", header=["a", "b"], rows=[["name", cell] for cell in cells])

    assert (is_number(grid, 1), is_number(grid, 0)) == (wanted, False)
