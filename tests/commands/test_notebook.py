"""`brownout.read` and `brownout.compare`: numbers, tables, charts and cells for Python and notebooks."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest

import brownout
from brownout.errors import NotARunError, UsageError
from brownout.notebook_tables import Columns
from brownout_results.judge.comparison.single import interval
from brownout_results.measure.resampling.estimates import Estimate
from tests.results.read.locust_csv.cumulative_files import cumulative_history
from tests.results.report.runs import HOSTILE, eventful, hostile
from tests.results.report.test_html_page import Tags

REAL = Path(__file__).parents[1] / "results" / "read" / "locust_csv" / "real"


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("runs")
    before, after = eventful(folder / "before", "before"), eventful(folder / "after", "after", slow_ms=400)
    return before.folder, after.folder


def test_strings_and_paths_are_read_alike(folders: tuple[Path, Path]) -> None:
    one, other = brownout.read(str(folders[0])), brownout.read(folders[0])

    assert dict(one.figures) == dict(other.figures)
    both = [brownout.compare(first, folders[1]) for first in (str(folders[0]), one)]
    assert both[0].sentences == both[1].sentences


def test_a_figure_is_a_number_with_its_interval(folders: tuple[Path, Path]) -> None:
    figures = brownout.read(folders[0]).figures
    p50, availability = figures["p50"], figures["availability"]

    assert p50.low is not None
    assert p50.high is not None
    assert p50.low < p50.value < p50.high
    assert float(availability) == pytest.approx(0.925)
    assert availability.low is not None
    assert availability.high is not None
    assert 0 <= availability.low < 0.925 < availability.high <= 1
    assert (figures["p99"].low, figures["p99"].why) == (None, "only 4 slower requests")
    assert "92.50 % (" in str(availability)
    with pytest.raises(KeyError, match=r'"p42" is no figure of before\. It has: goodput'):
        figures["p42"]


def test_a_phase_has_figures_of_its_own(folders: tuple[Path, Path]) -> None:
    run = brownout.read(folders[0])

    assert run.phases == ["baseline", "fault", "recovery"]
    assert run.figures_in("fault")["availability"].value == pytest.approx(0.7)
    with pytest.raises(UsageError, match='no phase "lunch", but: baseline, fault, recovery'):
        run.figures_in("lunch")


@pytest.mark.parametrize(
    ("estimate", "is_log", "wanted"),
    [
        (Estimate(value=100.0, error=0.1, degrees=1e9), True, (100 / 1.2165, 121.65)),
        (Estimate(value=-1.0, error=0.5, degrees=1e9), False, (-1.98, -0.02)),
        (Estimate(value=0.5, error=0.05, degrees=1e9, events=(50, 100)), False, (0.4038, 0.5962)),
        (Estimate(value=1.0, error=0.0, degrees=1e9, events=(100, 100)), False, (0.9630, 1.0)),
        (Estimate(value=5.0), True, None),
        (Estimate(value=0.0, error=0.0, degrees=9.0), True, None),
        (Estimate(value=None), False, None),
        (Estimate(value=5.0, error=0.1, degrees=0.0), True, None),
    ],
)
def test_intervals_stay_where_the_figure_can_be(
    estimate: Estimate, is_log: bool, wanted: tuple[float, float] | None
) -> None:
    found = interval(estimate, is_log=is_log)

    assert found == (None if wanted is None else pytest.approx(wanted, rel=2e-3))


def test_seconds_and_events_are_data_frames(folders: tuple[Path, Path]) -> None:
    run = brownout.read(folders[0])

    assert isinstance(run.seconds, pd.DataFrame)
    assert run.seconds["ok"].sum() == 370
    assert run.seconds["users"].max() > 0
    assert run.seconds["goodput"].mean() == pytest.approx(run.figures["goodput"].value, rel=0.01)
    assert list(run.events.columns) == ["start", "end", "kind", "what"]
    faults = run.events[run.events.kind == "fault"]
    assert faults.to_numpy().tolist() == [[15.0, 25.0, "fault", "30 % errors 503"]]
    assert "client-1" in run.events[run.events.kind == "kill"].what.tolist()
    assert run.figures.table.set_index("figure").loc["availability", "value"] == pytest.approx(0.925)


def test_without_pandas_they_are_columns(folders: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    run = brownout.read(folders[0])

    assert isinstance(run.seconds, Columns)
    assert run.seconds["ok"].sum() == 370
    assert run.seconds.rows == 40
    assert "the first 12 are shown" in run.seconds._repr_html_()
    assert run.events["kind"].count("kill") == 1


@pytest.mark.parametrize("key", ["timeline", "percentiles", "ecdf"])
def test_a_chart_is_a_figure_of_plotly_s_in_colours_that_it_knows(
    key: str, folders: tuple[Path, Path]
) -> None:
    run = brownout.read(folders[0])

    figure = run.chart(key)
    assert isinstance(figure, go.Figure)
    assert "var(--" not in figure.to_json()
    assert figure.layout.paper_bgcolor != run.chart(key, theme="dark").layout.paper_bgcolor
    assert run.charts[key] == figure
    assert "<div" in figure.to_html(include_plotlyjs=False)


def test_a_chart_or_part_that_there_is_not_is_told_with_those_that_there_are(
    folders: tuple[Path, Path],
) -> None:
    run = brownout.read(folders[0])

    assert run.chart("ecdf", "phase fault") != run.chart("ecdf")
    with pytest.raises(UsageError, match='no chart "pie" here, but: timeline, percentiles, ecdf'):
        run.chart("pie")
    with pytest.raises(UsageError, match='no part "noon", but: all requests'):
        run.chart("ecdf", "noon")


def test_a_comparison_has_verdicts_and_charts(folders: tuple[Path, Path]) -> None:
    found = brownout.compare(*folders)

    p90 = found.verdicts["p90"]
    assert (p90.of, p90.verdict, p90.run) == ("total", "worse", "after")
    assert p90.before == pytest.approx(102, rel=0.02)
    assert p90.after == pytest.approx(402, rel=0.02)
    assert found.verdicts.of("fault")
    assert {one.of for one in found.verdicts} == {"total", "phase"}
    assert len(found.verdicts.table) == len(found.verdicts)
    assert isinstance(found.charts["timeline"], go.Figure)
    assert found.sentences
    with pytest.raises(KeyError, match='"p42" is no figure of both runs'):
        found.verdicts["p42"]


def test_a_report_is_saved_as_a_page_or_as_a_folder(folders: tuple[Path, Path], tmp_path: Path) -> None:
    found = brownout.compare(*folders)

    page = found.save(str(tmp_path / "sub" / "both.html"))
    assert page.read_text("utf-8").startswith("<!doctype html>")
    assert [path.name for path in page.parent.iterdir()] == ["both.html"]
    whole = brownout.read(folders[0]).save(tmp_path / "out")
    assert {"report.html", "summary.json", "summary.md"} <= {path.name for path in whole.parent.iterdir()}


@pytest.mark.parametrize("name", ["0.9.0", "2.2.1-full", "2.47.0-full"])
def test_locust_s_own_files_are_read_too(name: str) -> None:
    run = brownout.read(REAL / name)

    assert run.figures["availability"].value <= 1
    assert run.chart("percentiles").data
    assert len(run.seconds) == len(run.seconds["second"])


def test_what_is_no_run_is_said(tmp_path: Path) -> None:
    with pytest.raises(NotARunError):
        brownout.read(str(tmp_path / "nothing"))


def test_a_cell_shows_tables_and_no_name_becomes_a_tag(tmp_path: Path) -> None:
    run = brownout.read(hostile(tmp_path / "hostile").folder)
    found = brownout.compare(run, hostile(tmp_path / "after").folder)

    tables = {"h4", "p", "table", "caption", "thead", "tbody", "tr", "th", "td"}
    for text in (run._repr_html_(), found._repr_html_(), found.verdicts._repr_html_()):
        assert {name for name, _ in Tags(text).tags} <= tables
        assert "<table>" in text
        assert HOSTILE[0] not in text


def test_importing_brownout_loads_no_heavy_library() -> None:
    heavy = ("numpy", "pandas", "plotly", "jinja2", "click", "kaleido")
    code = (
        f"import sys, brownout; brownout.read; sys.exit(', '.join(set({heavy}) & set(sys.modules)) or None)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=50, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_cumulative_files_have_means_and_bounds_by_second(tmp_path: Path) -> None:
    rows = [[50.0 + second % 7, 60.0, 80.0 + second] for second in range(60)]
    (tmp_path / "c_stats_history.csv").write_text(cumulative_history(rows), "utf-8")

    seconds = brownout.read(tmp_path / "c_stats_history.csv").seconds
    assert list(seconds["mean_ms"]) == pytest.approx([sum(row) / 3 for row in rows])
    told = ~np.isnan(seconds["p95_high_ms"])
    assert told.any()
    assert (seconds["p95_low_ms"][told] <= seconds["p95_high_ms"][told]).all()
