"""The report of Locust's own files says what can't be known from them, and draws nothing of it."""

import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from brownout_results.measure.selection import Phase, files_with_phases
from brownout_results.read.locust_csv import LocustRun, read
from brownout_results.record.event_log import event_line
from brownout_results.report.charts.locust_data import locust_chart_data
from brownout_results.report.comparison_report import report_of_comparison
from brownout_results.report.comparison_sides import phases_side_by_side, runs_side_by_side
from brownout_results.report.document import Document
from brownout_results.report.html_page import page
from brownout_results.report.locust_report import locust_card, phase_percentiles, report_of_files
from brownout_results.report.runs import LocustFilesRun
from tests.results.read.locust_csv.cumulative_files import cumulative_history
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
    assert len(data_of(page(document("2.47.0-full")))["charts"]) == 4


def test_cumulative_percentiles_are_told_on_top_and_not_drawn_over_time() -> None:
    made = document("2.2.1-full")

    assert "Percentiles cumulative" in made.notices[0]
    assert "recovery can't be read from them" in made.notices[0]
    assert drawn(made) == {"throughput", "goodput", "mean", "p95 lies in", "size", "ok", "error", "users"}


def test_percentiles_of_the_moment_are_drawn_over_time() -> None:
    assert drawn(document("2.47.0-full")) >= {"p50", "p95", "p99"}


@pytest.mark.parametrize(
    ("name", "p95", "why"),
    [
        (
            "2.47.0-full",
            ["–", "–"],
            "covers the 10 s before its row, and percentiles can be neither averaged nor added up",
        ),
        ("2.47.0", ["215 ms to 225 ms", "245 ms to 275 ms"], "count from the start of the run"),
    ],
)
def test_a_phase_has_no_percentiles_but_bounds_and_the_report_says_why(
    name: str, p95: list[str], why: str
) -> None:
    run = files_with_phases(read(REAL / name), [Phase("calm", 0, 4), Phase("storm", 4, 9)])

    alone = report_of_files(run, "now")
    beside = report_of_comparison(phases_side_by_side(LocustFilesRun(run)), "now")

    assert {row[0] for row in alone.grids[0].rows if "–" not in row[2:]} >= {"throughput", "availability"}
    assert [row[2:] for row in alone.grids[0].rows if row[0] == "p95"] == [p95]
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


def cumulative(folder: Path) -> LocustRun:
    """Three minutes of 20 requests a second; from 60 s to 90 s they take eight times as long."""
    draw = random.Random(1)
    rows = [
        [draw.lognormvariate(0, 0.3) * (400 if 60 <= second < 90 else 50) for _ in range(20)]
        for second in range(180)
    ]
    rows[70][3] = 4321.0
    (folder / "c_stats_history.csv").write_text(cumulative_history(rows), "utf-8")
    return read(folder / "c")


def test_a_cumulative_history_shows_when_latency_rose(tmp_path: Path) -> None:
    made = locust_chart_data(cumulative(tmp_path), "c")

    means = made.means_ms["all requests"]
    assert means[60:90].min() > 4 * max(means[:60].max(), means[90:].max())
    inside = [one for one in made.bounds_ms if one.start >= 62 and one.end <= 90]
    before = [one for one in made.bounds_ms if one.end <= 50]
    assert inside
    assert min(one.low_ms for one in inside) > max(one.high_ms for one in before)


def test_phases_of_a_cumulative_history_have_means_and_bounds(tmp_path: Path) -> None:
    run = files_with_phases(cumulative(tmp_path), [Phase("healthy", 0, 60), Phase("fault", 60, 90)])
    made = report_of_files(run, "test")

    rows = {row[0]: row[1:] for row in made.grids[0].rows}
    assert rows["mean"][1] != ""
    assert float(rows["mean"][2].split()[0]) > 6 * float(rows["mean"][1].split()[0])
    low, high = (float(part.split()[0].replace(",", "")) for part in rows["p95"][2].split(" to "))
    assert 400 < low < 650 < high < 1300


def test_the_slowest_request_is_dated(tmp_path: Path) -> None:
    assert dict(locust_card(cumulative(tmp_path)).facts)["slowest"] == "4,321 ms, ended at 01:10"


def test_kills_and_faults_that_lie_beside_the_files_are_drawn(tmp_path: Path) -> None:
    run = cumulative(tmp_path)
    assert run.began is not None
    slow = {"action": "set", "faults": [{"kind": "latency", "ms": 400}], "outcome": "applied"}
    events = [
        event_line("fault", run.began + 60, 60, slow),
        event_line("kill", run.began + 75, 75, {"replica": "backend-1", "outcome": "killed"}),
        event_line("fault", run.began + 90, 90, {"action": "cleared", "faults": [], "outcome": "applied"}),
        event_line("mark", run.began + 9000, 9000, {"note": "of another run"}),
        "no event\n",
    ]
    (tmp_path / "events.jsonl").write_text("".join(events), "utf-8")
    made = locust_chart_data(read(tmp_path / "c_stats_history.csv"), "c")

    assert [(one.start, one.end, one.label) for one in made.bands] == [(60, 90, "400 ms latency")]
    assert [(one.at, one.label) for one in made.moments if one.kind != "proposed"] == [(75, "✕ backend-1")]


def test_sizes_are_drawn_if_they_vary(tmp_path: Path) -> None:
    assert locust_chart_data(cumulative(tmp_path), "c").sizes is None
    assert "size" in drawn(document("2.47.0"))


def test_more_runs_than_can_be_told_apart_have_no_bands(tmp_path: Path) -> None:
    run = cumulative(tmp_path)

    for count, is_banded in ((3, True), (4, False)):
        made = report_of_comparison(runs_side_by_side([LocustFilesRun(run)] * count), "now")
        assert any("p95 lies in" in name for name in drawn(made)) == is_banded


def test_bounds_by_second_are_those_of_their_windows(tmp_path: Path) -> None:
    made = locust_chart_data(cumulative(tmp_path), "c")

    low, high = made.bounds_by_second()
    for one in made.bounds_ms:
        assert low[int(one.start) : int(one.end)].tolist() == [one.low_ms] * int(one.end - one.start)
    assert (low[np.isfinite(low)] <= high[np.isfinite(high)]).all()
