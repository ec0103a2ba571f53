"""What reports of single runs tell beside figures stands in comparisons too, a row for each run."""

from pathlib import Path

import numpy as np

from brownout_results.measure.selection import Phase
from brownout_results.report.comparison_report import report_of_comparison
from brownout_results.report.comparison_sides import runs_side_by_side
from brownout_results.report.document import Document, Grid
from brownout_results.report.html_page import page
from brownout_results.report.runs import LocustFilesRun
from brownout_results.report.side_grids import MOST_ROWS, side_by_side
from tests.results.read.locust_csv.cumulative_files import cumulative_history

REAL = Path(__file__).parents[1] / "read" / "locust_csv" / "real"


def compared(*runs: LocustFilesRun) -> Document:
    return report_of_comparison(runs_side_by_side(runs), "by a test")


def grids(document: Document) -> dict[str, Grid]:
    return {grid.title: grid for grid in document.grids}


def test_sizes_peaks_moments_and_exceptions_of_both_runs_are_told() -> None:
    tables = LocustFilesRun.read(REAL / "2.47.0-full")
    page_of = LocustFilesRun.read(REAL / "html-2.47.0" / "locust.html")

    document = compared(tables, page_of)
    found = grids(document)

    more = found["Durations, sizes and peaks"]
    assert more.header == ["requests", "run", "mean", "min", "max", "mean size", "peak rate"]
    assert [row[:2] for row in more.rows[:2]] == [
        ["all requests", "2.47.0-full"],
        ["all requests", "html-2.47.0"],
    ]
    seen = found["When requests failed"]
    assert seen.header == ["cause", "where", "run", "times", "first seen", "last seen"]
    assert all(len(row) == 6 for row in seen.rows)
    assert "Exceptions in the users' own code" in found
    assert more.rows[0][2] in page(document)


def test_a_run_that_lacks_what_another_has_shows_dashes() -> None:
    (grid,) = side_by_side(
        [
            [Grid(title="x", header=["a", "b"], rows=[["one", "1"]])],
            [],
            [Grid(title="x", header=["a", "c"], rows=[["one", "2"]])],
        ],
        ["r", "s", "t"],
    )

    assert grid.header == ["a", "run", "b", "c"]
    assert grid.rows == [["one", "r", "1", "–"], ["one", "s", "–", "–"], ["one", "t", "–", "2"]]


def test_a_long_table_says_how_much_is_left_out() -> None:
    rows = [[str(number), "1"] for number in range(MOST_ROWS)]
    (grid,) = side_by_side([[Grid(title="x", header=["a", "b"], rows=rows)]] * 2, ["r", "s"])

    assert len(grid.rows) == MOST_ROWS
    assert grid.note == f"{MOST_ROWS} more rows are in the reports of the runs."


def test_bounds_of_phases_stand_in_a_comparison_of_cumulative_files(tmp_path: Path) -> None:
    random = np.random.default_rng(1)
    runs = []
    for name, slow in (("before", 60.0), ("after", 600.0)):
        rows = [list(random.uniform(10, 20 if at < 30 else slow, 50)) for at in range(60)]
        (tmp_path / f"{name}_stats_history.csv").write_text(cumulative_history(rows))
        phases = [Phase("first", 0, 30), Phase("then", 30, 60)]
        found = LocustFilesRun.read(tmp_path / f"{name}_stats_history.csv")
        runs.append(found.part(phases, 0.0, is_ramp_up_skipped=False))

    grid = grids(compared(*runs))["Percentiles of phases, within bounds"]

    assert [row[:2] for row in grid.rows] == [
        [phase, run] for phase in ("first", "then") for run in ("before", "after")
    ]
    assert all(" ms to " in row[3] for row in grid.rows)
    assert grid.is_detail
