"""The report of a comparison: run folders in, verdicts, tables and files out."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from brownout_results.judge.comparison.difference import Difference
from brownout_results.judge.thresholds import evaluate, parse
from brownout_results.read.locust_csv import read as read_files
from brownout_results.read.run_folder import Run
from brownout_results.report.comparison_report import report_of_comparison
from brownout_results.report.comparison_sides import (
    phases_side_by_side,
    repeats_side_by_side,
    runs_side_by_side,
)
from brownout_results.report.difference_tables import interval, shown
from brownout_results.report.document import Document, ShownDifference
from brownout_results.report.html_page import page
from brownout_results.report.report_files import write
from brownout_results.report.run_report import report_of_run
from brownout_results.report.runs import FolderRun, LocustFilesRun
from brownout_results.report.runs_index import write_index
from tests.results.folders import Answers, make, open_load, phase
from tests.results.report.runs import HOSTILE, MANIFEST, eventful, hostile


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> list[Run]:
    """Policy none, whose users suffer, and full."""
    folder = tmp_path_factory.mktemp("runs")
    return [
        eventful(folder / "none", "none", failing=0.7, slow_ms=400),
        eventful(folder / "full", "full", failing=0.0, slow_ms=60),
    ]


@pytest.fixture(scope="module")
def document(runs: Sequence[Run]) -> Document:
    return report_of_comparison(runs_side_by_side([*map(FolderRun, runs)]), "by a test")


def cell(document: Document, figure: str, table: int = 0, other: int = 0) -> ShownDifference:
    return next(row.others[other] for row in document.tables[table].rows if row.figure == figure)


def test_the_verdict_names_what_got_better_and_by_how_much(document: Document) -> None:
    assert document.tone == "better"
    assert document.sentences[0].startswith(
        "Compared with none, full is better in availability (82.50 % → 100.00 %, +17.50 pp), p95 ("
    )
    assert document.sentences[1] == "Both recovered as soon as the fault ended."


def test_the_other_way_round_it_is_worse(runs: Sequence[Run]) -> None:
    found = report_of_comparison(runs_side_by_side([*map(FolderRun, runs[::-1])]), "by a test")

    assert found.tone == "worse"
    assert cell(found, "p95").verdict == "worse"


def test_a_table_with_intervals_has_the_columns_for_them(document: Document) -> None:
    assert document.tables[0].has_intervals
    assert "95 % interval of the difference" in page(document)


def test_every_figure_has_a_unit_an_interval_and_a_verdict(document: Document) -> None:
    goodput = cell(document, "goodput")
    assert (goodput.value, goodput.absolute, goodput.verdict) == ("10.0/s", "+1.84/s", "better")
    assert re.fullmatch(r"\+[\d.]+/s to \+[\d.]+/s \(\+[\d.]+ % to \+[\d.]+ %\)", goodput.interval)
    availability = cell(document, "availability")
    assert availability.absolute == "+17.50 pp"
    assert availability.interval.endswith("pp")
    assert cell(document, "throughput").verdict == "equal"
    p999 = cell(document, "p99.9")
    assert (p999.verdict, p999.interval) == ("too few", "")
    assert p999.why == "no slower request; 9,600 more requests would do"
    assert cell(document, "recovery time").why == (
        "it happens once per run: compare repeats; 1 more run of each would do"
    )
    assert cell(document, "open ratio").verdict == ""


def test_phases_have_tables_of_their_own(document: Document) -> None:
    titles = [table.title for table in document.tables]
    assert titles == ["all requests", "phase baseline", "phase fault", "phase recovery"]
    assert cell(document, "availability", titles.index("phase fault")).absolute == "+70.00 pp"
    assert cell(document, "availability", titles.index("phase baseline")).verdict == "too wide"


def test_the_same_run_twice_is_called_equal_only_where_that_is_shown(runs: Sequence[Run]) -> None:
    found = report_of_comparison(runs_side_by_side([FolderRun(runs[0]), FolderRun(runs[0])]), "by a test")

    assert [run.name for run in found.runs] == ["none (1)", "none (2)"]
    verdicts = {one.verdict for table in found.tables for row in table.rows for one in row.others}
    assert verdicts == {"equal", "too wide", "too few", ""}
    assert found.tone == "too wide"
    assert re.match(
        r"Whether none \(2\) differs from none \(1\) can't be told: the intervals are too wide, such as "
        r"goodput −[\d.]+ % to \+[\d.]+ %\.",
        found.sentences[0],
    )
    assert "no difference" not in page(found)


def test_several_runs_have_a_row_each(runs: Sequence[Run]) -> None:
    found = report_of_comparison(runs_side_by_side([*map(FolderRun, [*runs, runs[0]])]), "by a test")

    assert [len(row.others) for row in found.tables[0].rows][:1] == [2]
    assert cell(found, "p95", other=1).verdict == "equal"
    assert re.fullmatch(
        r"Compared with none \(1\), full is better in availability \(.*\) and \d more; "
        r"(?:phase|endpoint) .*; whether none \(2\) differs can't be told: "
        r"the intervals are too wide, such as .*\.",
        found.sentences[0],
    )


def test_phases_of_a_run_are_compared_with_its_first(runs: Sequence[Run]) -> None:
    found = report_of_comparison(phases_side_by_side(FolderRun(runs[0])), "by a test")

    assert [run.name for run in found.runs] == ["baseline", "fault", "recovery"]
    assert cell(found, "availability").verdict == "worse"
    assert cell(found, "availability", other=1).verdict == "too wide"
    assert [chart.key for chart in found.charts] == ["timeline", "percentiles", "ecdf"]


def test_of_repeats_the_method_is_another_and_says_so(runs: Sequence[Run], tmp_path: Path) -> None:
    more = [
        eventful(tmp_path / "none-2", "none", failing=0.6, slow_ms=420),
        eventful(tmp_path / "full-2", "full", failing=0.1, slow_ms=61),
    ]
    found = report_of_comparison(repeats_side_by_side([*map(FolderRun, [*runs, *more])]), "by a test")

    assert [run.name for run in found.runs] == ["none", "full"]
    assert found.methods[0].startswith("The run is the unit: 2 of none and 2 of full.")
    assert cell(found, "p95").interval
    recovery = cell(found, "recovery time")
    assert (recovery.absolute, recovery.interval, recovery.verdict) == ("0 s", "", "equal")
    assert ("runs", "2; the charts show the first") in found.runs[0].facts
    assert found.runs[0].path == f"{runs[0].folder}, {tmp_path / 'none-2'}"


def test_the_method_box_names_the_blocks_that_were_used(document: Document) -> None:
    assert "circular block bootstrap" in document.methods[0]
    assert "blocks of " in document.methods[0]
    assert any("One run of each" in limit for limit in document.limits)


def test_endpoints_added_and_removed_are_listed(tmp_path: Path) -> None:
    def run(name: str, *endpoints: str) -> Run:
        answers = [
            Answers(second, [10.0 + second % 3] * 4, "ok", ("GET", endpoint))
            for second in range(30)
            for endpoint in endpoints
        ]
        rows = [open_load(second, 8) for second in range(30)]
        return make(tmp_path / name, answers, rows, manifest=MANIFEST | {"label": name})

    runs = [run("old", "/both", "/gone"), run("new", "/both", "/new")]
    found = report_of_comparison(runs_side_by_side([*map(FolderRun, runs)]), "by a test")

    assert found.grids[0].rows == [["GET /new", "added", "new"], ["GET /gone", "removed", "new"]]
    assert "new also has GET /new and lacks GET /gone, compared with old." in found.notices
    assert [table.title for table in found.tables] == ["all requests", "endpoint GET /both"]


def test_the_files_of_a_comparison_say_the_same(
    document: Document, runs: Sequence[Run], tmp_path: Path
) -> None:
    write(tmp_path, document, [*map(FolderRun, runs)], [])

    told = json.loads((tmp_path / "summary.json").read_text("utf-8"))
    assert told["kind"] == "comparison"
    assert told["verdict"] == {"sentences": list(document.sentences), "word": "better"}
    assert [run["label"] for run in told["runs"]] == ["none", "full"]
    text = (tmp_path / "summary.md").read_text("utf-8")
    (row,) = [line for line in text.splitlines() if line.startswith("| availability ")]
    cells = [cell.strip() for cell in row.split("|")]
    assert cells[1:6] == ["availability", "82.50 %", "full", "100.00 %", "+17.50 pp"]
    assert len({len(line) for line in text.splitlines() if line.startswith("|")}) == 1  # aligned, for a log
    assert (tmp_path / "report.html").stat().st_size < 3 * 2**20


def test_hostile_names_stay_texts_in_a_comparison(runs: Sequence[Run], tmp_path: Path) -> None:
    text = page(
        report_of_comparison(
            runs_side_by_side([*map(FolderRun, [hostile(tmp_path / "hostile"), runs[0]])]), "by a test"
        )
    )

    assert not any(name in text for name in HOSTILE[:3])


def test_empty_runs_are_compared_to_nothing(runs: Sequence[Run], tmp_path: Path) -> None:
    empty = make(tmp_path / "empty", manifest=MANIFEST)

    found = report_of_comparison(runs_side_by_side([FolderRun(runs[0]), FolderRun(empty)]), "by a test")

    assert found.sentences[0].startswith("retry-storm is invalid, so this comparison says nothing about")
    assert found.sentences[1] == (
        "Whether retry-storm differs from none can't be told: not in the files (one of the runs has none)."
    )
    assert found.tone == ""
    assert page(found)


def test_the_index_of_runs_lists_comparisons(document: Document, runs: Sequence[Run], tmp_path: Path) -> None:
    folder = tmp_path / "runs"
    folder.mkdir()
    eventful(folder / "one")
    write(tmp_path / "comparisons" / "a b", document, [*map(FolderRun, runs)], [])

    text = write_index(folder).read_text("utf-8")

    assert '<a href="../comparisons/a%20b/report.html">none → full</a>' in text
    assert "better in availability" in text


def test_a_reason_that_most_figures_of_a_part_share_stands_above_them_once(tmp_path: Path) -> None:
    def run(name: str) -> Run:
        answers = [Answers(second, [10.0 + second % 3] * 4) for second in range(20)]
        events = [phase(1.1, "short"), phase(4.1, "long")]
        rows = [open_load(second, 4) for second in range(20)]
        return make(tmp_path / name, answers, rows, events=events, manifest=MANIFEST | {"label": name})

    document = report_of_comparison(
        runs_side_by_side([FolderRun(run("a")), FolderRun(run("b"))]), "by a test"
    )

    short = next(table for table in document.tables if table.title == "phase short")
    assert short.note == (
        "Too few to tell a difference from chance: only 2 whole seconds; 3 s more would do."
    )
    assert not short.has_intervals
    assert {other.why for row in short.rows for other in row.others} == {""}
    assert "p95" in dict(document.meanings)


def test_an_interval_without_end_has_one_on_the_page() -> None:
    found = interval(Difference(before=20, after=24, is_log=True, unit="ms", low=-0.999, high=3947.0), "ms")

    assert found == "−20.0 ms to over +200 ms (−99.9 % to over +1,000 %)"


def test_a_run_that_says_nothing_says_so_first(tmp_path: Path) -> None:
    answers = [Answers(second, [10.0]) for second in range(20)]
    rows = [open_load(second, 4, dropped=3) for second in range(20)]
    document = report_of_run(make(tmp_path / "run", answers, rows, manifest=MANIFEST), "now")

    assert document.sentences[0].startswith("The run is invalid: the offered rate was not held")
    assert document.sentences[1].startswith("Of 20 requests, 100.00 % succeeded")
    assert document.sentences[0] not in document.notices


def test_the_index_says_what_came_of_each_run(tmp_path: Path) -> None:
    folder = tmp_path / "runs"
    folder.mkdir()
    good, bad = eventful(folder / "good", "good"), make(folder / "bad", manifest=MANIFEST | {"label": "bad"})
    asked = [parse(text) for text in ("p95 < 1ms", "ok_ratio > 1%", "report-only p99 < 1ms")]
    write(good.folder, report_of_run(good, "now"), [FolderRun(good)], evaluate(good, asked, None))
    write(bad.folder, report_of_run(bad, "now"), [FolderRun(bad)], [])

    text = write_index(folder).read_text("utf-8")

    assert "✗ 1 of 2 thresholds missed" in text
    assert "! invalid" in text


def test_locust_s_files_of_one_name_are_told_apart_by_their_folders() -> None:
    real = Path(__file__).parents[1] / "read" / "locust_csv" / "real"
    files = [read_files(real / name) for name in ("2.31.8-full", "2.43.4-full")]

    found = report_of_comparison(runs_side_by_side([*map(LocustFilesRun, files)]), "by a test")

    assert [run.name for run in found.runs] == ["2.31.8-full", "2.43.4-full"]
    assert "Locust's files do not say what was done to the target" in found.sentences[1]
    assert "no fault was set" not in " ".join(found.sentences)


def test_the_ends_of_a_very_large_difference_are_in_their_order() -> None:
    one = Difference(
        before=10.0, after=187.0, is_log=True, absolute=177.0, relative=17.7, low=16.9, high=18.5
    )

    assert interval(one, "ms") == "+169 ms to +185 ms (+1,690 % to +1,850 %)"


@pytest.mark.parametrize(
    ("low", "high", "relative", "why"),
    [
        (-0.1, 0.2, 0.05, ""),
        (0.001, 0.02, 0.01, "larger than chance, but perhaps too small to matter"),
        (0.01, 0.2, 0.1, "with so many figures, this may be chance"),
    ],
)
def test_what_is_too_wide_has_a_reason_if_its_interval_leaves_out_0(
    low: float, high: float, relative: float, why: str
) -> None:
    one = Difference(
        before=100, after=100 * (1 + relative), is_log=True, unit="ms", relative=relative, low=low, high=high
    )

    assert shown(one, "ms", False, "too wide").why == why
