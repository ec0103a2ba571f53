"""What real files do to a reader, and what is no file of Locust's at all."""

import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from brownout_results.read.locust_csv import Lack, LocustCsvError, LocustRun, read
from brownout_results.report.html_page import page
from brownout_results.report.locust_report import report_of_files
from tests.results.read.locust_csv.files import history, stats
from tests.results.report.runs import HOSTILE

REAL = Path(__file__).with_name("real")
STEADY = [(second, name, 10 * second, second) for second in range(6) for name in ("/a", "")]


def written(folder: Path, **files: str | bytes) -> LocustRun:
    """The run of `x_stats.csv` and so on, with this content."""
    for name, content in files.items():
        data = content if isinstance(content, bytes) else content.encode()
        (folder / f"x_{name}.csv").write_bytes(data)
    return read(folder / "x")


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda text: "\ufeff" + text, id="a byte order mark"),
        pytest.param(lambda text: text.replace("\r\n", "\n"), id="line ends of Unix"),
        pytest.param(lambda text: text.replace("\r\n", "\r\r\n"), id="blank rows between all rows"),
        pytest.param(lambda text: text.removesuffix("\r\n"), id="no end of the last line"),
    ],
)
def test_line_ends_and_marks_of_other_systems_change_nothing(change: object, tmp_path: Path) -> None:
    assert callable(change)
    found = written(
        tmp_path, stats=change(stats([("/a", 50, 5), ("", 50, 5)])), stats_history=change(history(STEADY))
    )

    assert (found.total.requests, found.total.failed, found.problems) == (50, 5, [])
    assert found.endpoints[0].ok_in.tolist() == [9] * 5
    assert found.total.failed_in.tolist() == [1] * 5


def test_names_in_gbk_and_utf_8_are_read_as_they_were_meant(tmp_path: Path) -> None:
    table = stats([("/登录,首页", 5, 0), ("", 5, 0)])

    chinese = written(tmp_path, stats=table.encode("gb18030"))
    assert chinese.endpoints[0].name == "/登录,首页"
    assert written(tmp_path, stats=table.encode("utf-8-sig")).endpoints[0].name == "/登录,首页"
    broken = written(tmp_path, stats=table.encode("gb18030").replace("首".encode("gb18030"), b"\xff\xff"))
    assert "\ufffd" in broken.endpoints[0].name


def test_other_percentiles_more_columns_and_another_order_are_found_by_name(tmp_path: Path) -> None:
    percents = ("50%", "60%", "70.5%", "99.5%")
    table = stats([("/a", 50, 5), ("", 50, 5)], percents)
    turned = "\r\n".join(",".join([*line.split(",")[::-1], "extra"]) for line in table.split("\r\n") if line)

    found = written(tmp_path, stats=turned + "\r\n")

    assert found.percents == [50, 60, 70.5, 99.5]
    assert found.total.percentiles_ms == {50: 10, 60: 20, 70.5: 30, 99.5: 40}
    assert found.endpoints[0].requests == 50


def test_rows_of_one_second_missing_seconds_and_a_last_row_without_users(tmp_path: Path) -> None:
    rows = [(0, "", 0, 0), (1, "", 10, 0), (1, "", 14, 0), (2, "", 24, 0), (5, "", 54, 3), (6, "", 64, 3)]
    text = history(rows) + history([(7, "", 64, 3)], users=0).split("\r\n")[1] + "\r\n"

    found = written(tmp_path, stats_history=text)

    assert found.widths.tolist() == [1, 1, 3, 1]
    assert (found.total.ok_in + found.total.failed_in).tolist() == [14, 10, 30, 10]
    assert found.total.failed_in.tolist() == [0, 0, 3, 0]


def test_totals_that_were_reset_and_requests_before_the_file_began_are_told(tmp_path: Path) -> None:
    found = written(
        tmp_path, stats_history=history([(s, "", n, 0) for s, n in enumerate([7, 17, 27, 4, 14])])
    )

    assert found.total.ok_in.tolist() == [10, 10, 4, 10]
    assert any("7 requests were counted before its first row" in problem for problem in found.problems)
    assert any("its totals were reset 1 time" in problem for problem in found.problems)


def test_percentiles_of_a_moment_without_traffic_are_not_0_ms(tmp_path: Path) -> None:
    text = history(STEADY).replace(",10,20,30,30,3,", ",0,0,0,30,3,")

    medians = written(tmp_path, stats_history=text).total.percentiles_in[50]

    assert np.isnan(medians).tolist() == [False, False, True, False, False]


def test_an_endpoint_that_appears_late_counts_from_its_first_request(tmp_path: Path) -> None:
    rows = [*STEADY[:8], (4, "/late", 3, 1), (4, "", 43, 5), (5, "/late", 9, 1), (5, "", 59, 6)]

    found = written(tmp_path, stats_history=history(rows))

    late = next(part for part in found.endpoints if part.name == "/late")
    assert (late.requests, late.failed) == (9, 1)
    assert (late.ok_in + late.failed_in).tolist() == [0, 0, 0, 3, 6]


@pytest.mark.parametrize(
    "name", ["locust_stats.csv", "locust_stats_history.csv", "locust_failures.csv", "locust_exceptions.csv"]
)
def test_a_file_cut_off_at_any_byte_is_read_as_far_as_it_goes(name: str, tmp_path: Path) -> None:
    whole = (REAL / "2.47.0-full" / name).read_bytes()
    copy = shutil.copytree(REAL / "2.47.0-full", tmp_path / "copy", ignore=shutil.ignore_patterns("*.json"))
    for length in range(len(whole) - 3, 0, -max(1, len(whole) // 25)):
        (copy / name).write_bytes(whole[:length])
        try:
            found = read(copy)
        except LocustCsvError as error:
            assert name in str(error)  # noqa: PT017 - most lengths are no error
            continue
        assert 0 <= found.total.requests <= 330
        assert found.total.failed <= found.total.requests
        assert (found.total.ok_in >= 0).all()
        assert all(
            list(part.percentiles_ms.values()) == sorted(part.percentiles_ms.values())
            for part in found.endpoints
        )


def test_lines_that_can_t_be_read_are_left_out_and_named(tmp_path: Path) -> None:
    lines = history(STEADY).split("\r\n")
    lines[3:3] = ["\x00\x00\x00", "1700000001,5,GET,/a,1.0"]

    found = written(tmp_path, stats_history="\r\n".join(lines))

    assert found.total.ok_in.sum() == 45
    assert found.problems == [
        "x_stats_history.csv: 2 lines can't be read, the first is line 4; they are left out"
    ]


NOT_OURS = {
    "another table": (b"id,price\r\n1,2\r\n", r"is not a CSV file of Locust\'s: line 1 is .id,price."),
    "nothing": (b"", "is empty"),
    "no text": (bytes(range(256)) * 4, "is not a CSV file of Locust"),
    "a page": (b"<!DOCTYPE html>\n<html></html>\n", "is not a CSV file of Locust"),
    "failures only": (
        b"Method,Name,Error,Occurrences\r\nGET,/a,boom,3\r\n",
        "there is no count of requests in it",
    ),
}


@pytest.mark.parametrize("kind", NOT_OURS)
def test_what_is_no_file_of_locust_s_is_refused_by_name_with_what_would_be(kind: str, tmp_path: Path) -> None:
    content, told = NOT_OURS[kind]
    (tmp_path / "x.csv").write_bytes(content)

    for path in (tmp_path / "x.csv", tmp_path):
        with pytest.raises(LocustCsvError, match=told) as error:
            read(path)
        assert "x.csv" in str(error.value)
        assert "PREFIX_stats.csv" in str(error.value)


def test_a_folder_of_several_runs_or_of_none_says_what_to_name(tmp_path: Path) -> None:
    with pytest.raises(LocustCsvError, match="contains no file of a run"):
        read(tmp_path)
    for prefix in ("before", "after"):
        (tmp_path / f"{prefix}_stats.csv").write_text(stats([("", 1, 0)]))
    with pytest.raises(LocustCsvError, match=r'has the files of 2 runs. Name one: ".*after", ".*before"'):
        read(tmp_path)
    assert read(tmp_path / "before").name == "before"


@pytest.mark.parametrize("text", ["", "[", '{"a": 1}', "[1]", '[{"name": "/a"}]'])
def test_an_export_that_can_t_be_read_is_an_error_alone_and_a_problem_beside_tables(
    text: str, tmp_path: Path
) -> None:
    (tmp_path / "x.json").write_text(text)
    with pytest.raises(
        LocustCsvError, match=r"x\.json.*(line 1 can't be read|is not one of Locust's exports)"
    ):
        read(tmp_path / "x.json")

    found = written(tmp_path, stats=stats([("/a", 5, 0), ("", 5, 0)]))
    assert found.total.requests == 5
    assert "x.json" in found.problems[0]


def test_a_folder_without_permission_says_so(tmp_path: Path) -> None:
    written(tmp_path, stats=stats([("", 1, 0)]))
    tmp_path.chmod(0)
    child = os.fork() if os.geteuid() == 0 else None
    if child == 0:  # root may read everything: somebody else tries
        try:
            os.setuid(65534)
            read(tmp_path)
        except LocustCsvError as error:
            os._exit(0 if "Permission denied" in str(error) else 2)
        except BaseException:  # noqa: BLE001 - the child must end here whatever happens
            os._exit(3)
        os._exit(1)
    try:
        if child is None:
            with pytest.raises(LocustCsvError, match="Permission denied"):
                read(tmp_path)
        else:
            assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    finally:
        tmp_path.chmod(0o700)


def test_one_request_and_all_failures_make_a_right_report(tmp_path: Path) -> None:
    one = report_of_files(written(tmp_path, stats=stats([("/a", 1, 0), ("", 1, 0)])), "now")
    bad = report_of_files(written(tmp_path, stats=stats([("/a", 9, 9), ("", 9, 9)])), "now")

    assert one.sentences[0] == "Of 1 request, 100.00 % succeeded; 95 % took at most 20.0 ms."
    assert bad.sentences[0].startswith("Of 9 requests, 0.00 % succeeded")
    assert bad.causes_note == "9 requests failed; the files don't say why."
    assert Lack.NO_FAILURES in read(tmp_path / "x").lacks


def test_2500_endpoints_make_a_page_that_is_small(tmp_path: Path) -> None:
    names = [
        (f"/item/{number}?q={'x' * (number % 90)}", number % 50 + 1, number % 3 == 0)
        for number in range(2500)
    ]
    rows = [(name, requests, int(bad)) for name, requests, bad in names]
    total = sum(requests for _, requests, _ in rows)
    found = written(tmp_path, stats=stats([*rows, ("", total, 834)]))
    made = report_of_files(found, "now")

    assert len(found.endpoints) == 2500
    assert next(grid for grid in made.grids if grid.title == "Endpoints").note.startswith(
        "The 50 endpoints with most requests, of 2,500"
    )
    assert len(made.downloads[0].columns[0]) > 2500
    assert len(page(made)) < 3 * 2**20


def test_hostile_names_come_back_as_they_are_and_are_cut_on_the_page(tmp_path: Path) -> None:
    found = written(tmp_path, stats=stats([*((name, 5, 0) for name in HOSTILE), ("", 5 * len(HOSTILE), 0)]))

    assert {part.name for part in found.endpoints} == {name.replace("\r\n", "\r\n") for name in HOSTILE}
    assert HOSTILE[-1] not in page(report_of_files(found, "now"))


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", r'x_stats\.csv" is empty'),
        (b"a,b\n1,2\n", r"x_stats\.csv\" is not a CSV file of Locust's: line 1 is 'a,b'"),
        (bytes(range(256)), r"is not a CSV file of Locust's"),
        (
            stats([("", -5, 0)]).encode(),
            r"there is no count of requests in it \(x_stats\.csv, line 2: its counts",
        ),
    ],
)
def test_a_file_that_is_only_named_as_locust_s_are_is_an_error(
    content: bytes, told: str, tmp_path: Path
) -> None:
    (tmp_path / "x_stats.csv").write_bytes(content)

    for path in (tmp_path, tmp_path / "x", tmp_path / "x_stats.csv"):
        with pytest.raises(LocustCsvError, match=told):
            read(path)


def test_beside_others_a_file_that_is_none_of_locust_s_is_left_out_and_named(tmp_path: Path) -> None:
    found = written(tmp_path, stats="", stats_history=history(STEADY))

    assert found.total.requests == 50
    assert found.problems[0] == (
        "x_stats.csv is empty: Locust had not written it yet when it ended; it is left out"
    )


def test_a_table_without_its_last_row_is_added_up_and_says_so(tmp_path: Path) -> None:
    found = written(tmp_path, stats=stats([("/a", 50, 5), ("/b", 10, 0)]))

    assert (found.total.requests, found.total.failed) == (60, 5)
    assert "x_stats.csv: the row for all requests (Aggregated) is missing" in found.problems[0]
