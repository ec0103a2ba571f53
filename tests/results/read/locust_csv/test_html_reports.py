"""Locust's HTML reports of every version: rates and percentiles over time, causes, exceptions, figures."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from brownout_results.measure.figures import figures_of
from brownout_results.read.locust_csv import Lack, LocustCsvError, LocustRun, read
from brownout_results.read.locust_csv.moments import moment_of, moments_of_clock
from brownout_results.report.locust_report import report_of_files
from tests.results.read.locust_csv.files import history, stats
from tests.results.report.test_locust_report import drawn

REAL = Path(__file__).with_name("real")
TABLES = ["1.2.3", "1.6.0", "2.8.6", "2.15.1"]
ARGUMENTS = ["2.22.0", "2.24.1", "2.40.5"]
LIVE = ["2.31.8", "2.47.0"]
BEGAN = 1_700_000_000
ENDPOINTS = [("GET", "/fetch"), ("GET", '/items?ids=1,2&q="a b"'), ("POST", "<b>%3Cscript%3E</b>")]


def report(version: str) -> LocustRun:
    return read(REAL / f"html-{version}" / "locust.html")


@pytest.mark.parametrize("version", TABLES + ARGUMENTS)
def test_all_that_a_report_says_is_read(version: str) -> None:
    found = report(version)

    assert (found.total.requests, found.total.failed) == (200, 20)
    assert [(part.method, part.name) for part in found.endpoints] == ENDPOINTS
    assert found.target == "http://127.0.0.1:8000"
    assert found.total.percentiles_ms[95] > found.total.percentiles_ms[50] > 0
    assert found.total.mean_ms == pytest.approx(248.1, abs=0.2)
    assert (found.total.min_ms, found.total.max_ms) == (52, 449)
    assert found.total.size == pytest.approx(18, abs=0.5)
    assert sum(failure.occurrences for failure in found.failures) == 20
    assert all(
        "503 Server Error: Service Unavailable for url: " in failure.error for failure in found.failures
    )
    assert {(failure.method, failure.name) for failure in found.failures} == set(ENDPOINTS)
    (raised,) = found.exceptions
    assert (raised.occurrences, raised.message, raised.nodes) == (
        13,
        "a task's own error,\nof two lines",
        "local",
    )
    assert 'File "/test/locustfile.py", line 16, in broken' in raised.traceback
    assert found.problems == []


@pytest.mark.parametrize("version", TABLES + ARGUMENTS)
def test_what_a_report_draws_is_read_row_by_row(version: str) -> None:
    found = report(version)
    rates = (found.total.ok_in + found.total.failed_in) / found.widths

    assert found.starts.tolist() == [0, 5, 10, 15]
    assert rates.tolist() == pytest.approx([8, 10, 10, 9.6])
    assert (found.total.failed_in / found.widths).tolist() == pytest.approx([0, 1.5, 4, 2])
    assert found.users.tolist() == [4, 4, 4, 0]
    assert found.total.percentiles_in[50].tolist() == [105, 110, 115, 120]
    assert found.total.percentiles_in[95].tolist() == [305, 310, 315, 320]
    assert found.began == (None if version in ("1.2.3", "1.6.0") else BEGAN)
    assert Lack.RATES_SMOOTHED in found.lacks
    assert {Lack.NO_HISTORY, Lack.NO_FAILURES}.isdisjoint(found.lacks)


@pytest.mark.parametrize("version", TABLES + ARGUMENTS + LIVE)
def test_the_rate_is_all_requests_over_the_duration(version: str) -> None:
    found = report(version)
    seconds = 20 if version not in LIVE else found.total.requests / (found.total.rate or 0)

    assert figures_of(found, found.total)["throughput"] == pytest.approx(
        found.total.requests / seconds, rel=0.06
    )


@pytest.mark.parametrize("version", TABLES + ARGUMENTS + LIVE)
def test_the_page_of_a_report_says_nothing_of_not_knowing_what_it_has(version: str) -> None:
    made = report_of_files(report(version), "now")
    assert "not known" not in made.sentences[1]
    assert made.causes
    assert made.causes_note == ""
    assert drawn(made) >= {"throughput", "goodput", "p50", "p95", "ok", "error"}
    grids = {grid.title: grid for grid in made.grids}
    assert any("→" in row[2] or "broken" in row[2] for row in grids["Exceptions in the users' own code"].rows)
    assert [*grids["Durations, sizes and peaks"].header] == [
        "requests", "mean", "min", "max", "mean size", "peak rate"
    ]  # fmt: skip
    assert any("means of about ten seconds" in limit for limit in made.limits)


def test_the_newest_report_tells_when_failures_were_seen() -> None:
    found = report("2.47.0")
    (grid,) = (one for one in report_of_files(found, "now").grids if one.title == "When requests failed")

    seen = {failure.name: (failure.first_seen, failure.last_seen) for failure in found.failures}
    assert seen["/fetch"] == (1795645950.5569916, 1795645953.4557598)
    assert ["43", "5.56 s (22:32:30 UTC)", "8.46 s (22:32:33 UTC)"] in [row[2:] for row in grid.rows]


def test_tables_of_the_newest_version_tell_it_too() -> None:
    found = read(REAL / "2.47.0-full" / "locust_stats.csv")

    seen = [(failure.first_seen or 0, failure.last_seen or 0) for failure in found.failures]
    assert all(0 < first <= last for first, last in seen)
    assert "locustfile" in found.exceptions[0].traceback
    assert found.total.size


def beside(folder: Path, version: str, **texts: str) -> Path:
    shutil.copy(REAL / f"html-{version}" / "locust.html", folder / "x.html")
    for kind, text in texts.items():
        (folder / f"x_{kind}.csv").write_text(text)
    return folder


@pytest.mark.parametrize("version", ["1.6.0", "2.24.1"])
def test_a_report_that_was_named_is_read_though_tables_beside_it_contradict_it(
    version: str, tmp_path: Path
) -> None:
    failures = "Method,Name,Error,Occurrences\r\nGET,/other,boom,3\r\n"
    exceptions = "Count,Message,Traceback,Nodes\r\n5,other,,\r\n"
    table = stats([("/other", 90, 3), ("", 90, 3)])
    rows = history([(second, "", 10 * second, 0) for second in range(10)])
    folder = beside(
        tmp_path, version, stats=table, stats_history=rows, failures=failures, exceptions=exceptions
    )

    named, other = read(folder / "x.html"), read(folder / "x_stats.csv")

    assert (named.total.requests, named.total.failed) == (200, 20)
    assert [part.name for part in named.endpoints] == [name for _, name in ENDPOINTS]
    assert {failure.name for failure in named.failures} == {name for _, name in ENDPOINTS}
    assert named.exceptions[0].message.startswith("a task's own error")
    assert len(named.starts) == 4
    assert any("x_stats.csv contradicts x.html: it counts 90 requests" in told for told in named.problems)
    assert (other.total.requests, [part.name for part in other.endpoints]) == (90, ["/other"])
    assert other.target is None
    assert any("x.html contradicts x_stats.csv: it counts 200 requests" in told for told in other.problems)


def test_a_report_beside_tables_of_the_same_run_adds_to_them(tmp_path: Path) -> None:
    table = stats(
        [("/fetch", 67, 7), ('/items?ids=1,2&q="a b"', 67, 7), ("<b>%3Cscript%3E</b>", 66, 6), ("", 200, 20)]
    )
    folder = beside(tmp_path, "2.24.1", stats=table)

    for path in (folder, folder / "x", folder / "x.html", folder / "x_stats.csv"):
        found = read(path)
        assert (found.total.requests, found.target, found.problems) == (200, "http://127.0.0.1:8000", [])
        assert len(found.starts) == 4
        assert sum(failure.occurrences for failure in found.failures) == 20


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda page: page[:400], "line 5 can't be read: .*; it may be cut off"),
        (lambda page: page.replace("window.templateArgs", "window.other"), "is not one of Locust's exports"),
        (
            lambda _: "<html><body><table><tr><th>a</th></tr></table></body></html>",
            "is not one of Locust's",
        ),
        (lambda _: "", "x.html"),
    ],
)
def test_a_page_that_is_none_is_refused_in_a_sentence(change: object, told: str, tmp_path: Path) -> None:
    assert callable(change)
    page = (REAL / "html-2.24.1" / "locust.html").read_text()
    (tmp_path / "x.html").write_text(change(page))

    with pytest.raises(LocustCsvError, match=told):
        read(tmp_path / "x.html")


def test_a_report_without_a_history_or_with_nothing_in_it_is_read(tmp_path: Path) -> None:
    page = (REAL / "html-2.24.1" / "locust.html").read_text()
    begin = page.index("{", page.index("templateArgs"))
    told, end = json.JSONDecoder().raw_decode(page, begin)
    bare = told | {"history": [], "failures_statistics": None, "exceptions_statistics": None, "host": None}
    (tmp_path / "x.html").write_text(page[:begin] + json.dumps(bare) + page[end:])

    found = read(tmp_path / "x.html")

    assert (found.total.requests, len(found.starts), found.failures, found.target) == (200, 0, [], None)
    assert Lack.NO_HISTORY in found.lacks


def test_a_clock_without_a_date_goes_on_after_midnight() -> None:
    evening = moment_of("2023-11-14 23:59:50")
    assert evening is not None

    found = np.array(moments_of_clock(["23:59:55", "00:00:05", "soon", "12:30:00 AM"], evening)) - evening

    assert found.tolist()[:2] == [5, 15]
    assert np.isnan(found[2])
    assert found[3] == 1810
