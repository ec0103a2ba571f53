"""The report of Locust's own files says what can't be known from them, and draws nothing of it."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from brownout_results.measure.selection import Phase, files_with_phases
from brownout_results.read.locust_csv import read
from brownout_results.report.comparison_report import report_of_comparison
from brownout_results.report.comparison_sides import phases_side_by_side, runs_side_by_side
from brownout_results.report.document import Document
from brownout_results.report.html_page import page
from brownout_results.report.locust_report import phase_percentiles, report_of_files
from brownout_results.report.runs import LocustFilesRun
from tests.results.report.test_html_page import data_of

REAL = Path(__file__).parents[1] / "read" / "locust_csv" / "real"
FOLDERS = sorted(path.name for path in REAL.iterdir() if path.is_dir())


def document(name: str) -> Document:
    return report_of_files(read(REAL / name), "now")


def drawn(made: Document) -> set[str]:
    """Names of the lines over time."""
    return {trace.name for chart in made.charts if chart.key == "timeline" for trace in chart.views[""].data}


@pytest.mark.parametrize("name", FOLDERS)
def test_every_version_s_files_have_no_empty_chart(name: str) -> None:
    for chart in document(name).charts:
        for figure in chart.views.values():
            assert figure.data
            assert all(np.isfinite(trace.y.astype(np.float64)).any() for trace in figure.data)


def test_the_page_of_locust_s_files_holds_its_data() -> None:
    assert len(data_of(page(document("2.47.0-full")))["charts"]) == 3


def test_cumulative_percentiles_are_told_on_top_and_not_drawn_over_time() -> None:
    made = document("2.2.1-full")

    assert "Percentiles cumulative" in made.notices[0]
    assert "nor recovery can be read from them" in made.notices[0]
    assert drawn(made) == {"throughput", "goodput", "ok", "error"}


def test_percentiles_of_the_moment_are_drawn_over_time() -> None:
    assert drawn(document("2.47.0-full")) >= {"p50", "p95", "p99"}


@pytest.mark.parametrize(
    ("name", "why"),
    [
        (
            "2.47.0-full",
            "covers the 10 s before its row, and percentiles can be neither averaged nor added up",
        ),
        ("2.47.0", "count from the start of the run"),
    ],
)
def test_a_phase_has_no_percentiles_and_the_report_says_why(name: str, why: str) -> None:
    run = files_with_phases(read(REAL / name), [Phase("calm", 0, 4), Phase("storm", 4, 9)])

    alone = report_of_files(run, "now")
    beside = report_of_comparison(phases_side_by_side(LocustFilesRun(run)), "now")

    assert {row[0] for row in alone.grids[0].rows if "–" not in row[2:]} >= {"throughput", "availability"}
    assert [row[2:] for row in alone.grids[0].rows if row[0] == "p95"] == [["–", "–"]]
    assert why in alone.grids[0].note
    for made in (alone, beside):
        assert [why in limit for limit in made.limits].count(True) == 1
    assert not any(row.figure.startswith("p") for row in beside.tables[0].rows)


def test_a_history_without_percentiles_has_none_of_a_phase_either() -> None:
    run = read(REAL / "2.47.0-full")

    assert "the history has none" in phase_percentiles(
        replace(run, total=replace(run.total, percentiles_in={}), lacks=[])
    )


def test_a_comparison_of_locust_s_files_claims_no_histograms() -> None:
    run = read(REAL / "2.47.0-full")

    told = " ".join(report_of_comparison(runs_side_by_side([LocustFilesRun(run)] * 2), "now").methods)

    assert "percentiles are Locust's own" in told
    assert "histograms that were added up" not in told


def test_files_without_a_history_have_figures_and_a_distribution_and_say_what_they_lack() -> None:
    made = document("0.9.0")

    assert [chart.key for chart in made.charts] == ["percentiles", "ecdf"]
    assert any("There is no history" in limit for limit in made.limits)
    assert any("Dots are the percentiles that the source reports" in chart.note for chart in made.charts)
    assert made.sentences[0].startswith("Of 173 requests, 73.99 % succeeded; 95 % took at most 450 ms")


def test_a_run_without_a_request_says_so() -> None:
    made = document("empty-2.47.0")

    assert made.sentences == ["No request ended in this run.", "There is nothing to show."]
    assert made.notices[0].startswith("The run is invalid")
    assert not made.charts


def test_exceptions_of_the_users_own_code_are_apart_from_failures() -> None:
    made = document("2.47.0-full")

    (grid,) = [one for one in made.grids if one.title.startswith("Exceptions")]
    assert grid.rows[0][0] == "a task's own error, of two lines"
    assert {cause.where for cause in made.causes} == {"GET /fetch", "POST <b>%3Cscript%3E</b>"}
