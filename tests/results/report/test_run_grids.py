"""A run folder's report has extremes, the peak rate, and the exceptions of the users' own code."""

from __future__ import annotations

from pathlib import Path

import pytest

from brownout_results.read.run_folder import read
from brownout_results.report.run_grids import exceptions_of, peak_rate
from brownout_results.report.run_report import report_of_run
from tests.results.folders import Answers, make
from tests.results.report.runs import eventful


def test_extremes_and_the_peak_rate_stand_in_a_table(tmp_path: Path) -> None:
    document = report_of_run(eventful(tmp_path / "run"), "now")

    (grid,) = [one for one in document.grids if one.title == "Durations and peaks"]
    assert grid.header == ["requests", "mean", "min", "max", "peak rate"]
    assert grid.rows[0] == ["all requests", "36.5 ms", "10.0 ms", "106 ms", "10.0/s"]


@pytest.mark.parametrize(("seconds", "wanted"), [(4, None), (30, 14.0)])
def test_the_peak_is_the_highest_mean_of_five_seconds(
    seconds: int, wanted: float | None, tmp_path: Path
) -> None:
    answers = [Answers(at, [5.0] * (30 if at == 12 else 10)) for at in range(seconds)]

    assert peak_rate(make(tmp_path / "run", answers)) == wanted


def test_exceptions_are_shown_with_the_place_where_they_were_raised(tmp_path: Path) -> None:
    folder = eventful(tmp_path / "run").folder
    traceback = 'Traceback:\n  File ""/work/users.py"", line 9, in go\n'
    (folder / "locust_exceptions.csv").write_text(
        f'Count,Message,Traceback,Nodes\r\n3,"<b>items</b>","{traceback}",local\r\n'
    )

    grid = exceptions_of(read(folder))

    assert grid
    assert grid.rows == [["<b>items</b>", "3", "users.py, line 9"]]
    assert exceptions_of(eventful(tmp_path / "other")) is None
