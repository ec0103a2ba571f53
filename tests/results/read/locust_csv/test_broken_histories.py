"""Histories with rows that can't be, of several runs, or of another run than the files beside them."""

import re
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from brownout_results.measure.figures import figures_of
from brownout_results.read.locust_csv import LocustCsvError, LocustRun, read
from brownout_results.read.locust_csv.history_parts import odd_totals
from brownout_results.report.locust_report import report_of_files
from tests.results.read.locust_csv.files import history, stats

BEGAN = 1_700_000_000
STEADY = [(second, "", 10 * second, second) for second in range(21)]
FULL = [(second, name, 10 * second, second) for second in range(21) for name in ("/a", "")]


def of_history(folder: Path, text: str) -> LocustRun:
    (folder / "x_stats_history.csv").write_text(text)
    return read(folder / "x_stats_history.csv")


def changed(rows: list[tuple[int, str, int, int]], change: dict[int, tuple[str, str]]) -> str:
    """A history in which lines (from 1) have something replaced."""
    lines = history(rows).split("\r\n")
    for line, (old, new) in change.items():
        assert old in lines[line - 1]
        lines[line - 1] = lines[line - 1].replace(old, new, 1)
    return "\r\n".join(lines)


UNITS = {
    "milliseconds": lambda second: f"{second}123",
    "microseconds": lambda second: f"{second}123456",
    "nanoseconds": lambda second: f"{second}123456789",
    "a fraction": lambda second: f"{second}.123",
    "a date": lambda second: f"{datetime.fromtimestamp(second, UTC):%Y-%m-%dT%H:%M:%SZ}",
    "a date and a space": lambda second: f"{datetime.fromtimestamp(second, UTC):%Y-%m-%d %H:%M:%S}",
    "a date of pandas": lambda second: f"{datetime.fromtimestamp(second, UTC):%Y-%m-%d %H:%M:%S+00:00}",
    "a date with slashes": lambda second: f"{datetime.fromtimestamp(second, UTC):%Y/%m/%d %H:%M:%S}",
    "another time zone": lambda second: (
        f"{datetime.fromtimestamp(second + 7200, UTC):%Y-%m-%dT%H:%M:%S+02:00}"
    ),
}


@pytest.mark.parametrize("rows", [STEADY, FULL], ids=["total", "full"])
@pytest.mark.parametrize("unit", UNITS)
def test_times_are_read_in_every_unit(
    unit: str, rows: list[tuple[int, str, int, int]], tmp_path: Path
) -> None:
    text = re.sub(r"(?m)^17\d{8}", lambda match: UNITS[unit](int(match[0])), history(rows))

    found = of_history(tmp_path, text)

    assert found.began == pytest.approx(BEGAN, abs=0.2)
    assert found.total.requests == 200
    assert found.widths.sum() == pytest.approx(20)
    assert found.problems == []


@pytest.mark.parametrize("cell", ["inf", "-inf", "nan", "", "N/A", "soon", "-5", "2024-13-45"])
def test_a_row_without_a_time_is_left_out_and_named(cell: str, tmp_path: Path) -> None:
    found = of_history(tmp_path, changed(STEADY, {9: ("1700000007", cell)}))

    assert (found.total.requests, found.total.failed) == (200, 20)
    assert found.problems == ["x_stats_history.csv: a line can't be read: line 9; it is left out"]


@pytest.mark.parametrize("counts", ["nan,7", "inf,7", "-70,7", ",7", "70,", "70,nan", "70,-7", "70,71"])
def test_a_row_whose_counts_can_t_be_is_left_out_and_named(counts: str, tmp_path: Path) -> None:
    found = of_history(tmp_path, changed(STEADY, {9: (",70,7,", f",{counts},")}))

    assert (found.total.requests, found.total.failed) == (200, 20)
    assert found.total.ok_in.min() >= 0
    assert found.problems == ["x_stats_history.csv: a line can't be read: line 9; it is left out"]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (
            {9: (",70,7,", ",3,0,")},
            "line 9: its total does not fit those of the rows around; the row is left out",
        ),
        (
            {9: (",70,7,", ",99999,7,")},
            "line 9: its total does not fit those of the rows around; the row is left out",
        ),
        (
            {22: ("1700000020", "4000000020")},
            "line 22: its time is far from all others'; the row is left out",
        ),
        ({5: ("1700000003", "3")}, "line 5: its time is far from all others'; the row is left out"),
    ],
)
def test_a_row_that_does_not_fit_is_left_out_and_named(
    change: dict[int, tuple[str, str]], told: str, tmp_path: Path
) -> None:
    found = of_history(tmp_path, changed(STEADY, change))

    assert found.problems == [f"x_stats_history.csv, {told}"]
    assert found.total.ok_in.sum() + found.total.failed_in.sum() in (190, 200)
    assert 18 < found.widths.sum() <= 20


@pytest.mark.parametrize("rows", [STEADY, FULL], ids=["total", "full"])
def test_rows_in_another_order_are_put_in_that_of_their_time(
    rows: list[tuple[int, str, int, int]], tmp_path: Path
) -> None:
    per = len(rows) // len(STEADY)
    moved = [*rows[: 5 * per], *rows[6 * per : 7 * per], *rows[5 * per : 6 * per], *rows[7 * per :]]

    found = of_history(tmp_path, history(moved))

    assert (found.total.ok_in + found.total.failed_in).tolist() == [10] * 20
    (told,) = found.problems
    assert "its time is before that of the row above; rows were put in the order of their time" in told


def test_totals_that_are_reset_to_zeros_at_the_end_are_those_before(tmp_path: Path) -> None:
    found = of_history(tmp_path, history([*STEADY, *((second, "", 0, 0) for second in range(21, 27))]))

    assert (found.total.requests, found.total.failed, len(found.starts)) == (200, 20, 20)
    (told,) = found.problems
    assert "csv, line 23: totals were reset to 0 and stayed 0; the rows from there on are left out" in told
    assert report_of_files(found, "now").sentences[0].startswith("Of 200 requests")


def test_a_table_that_was_reset_does_not_hide_the_history(tmp_path: Path) -> None:
    (tmp_path / "x_stats.csv").write_text(stats([("", 0, 0)]))

    found = of_history(tmp_path, history([*STEADY, (21, "", 0, 0), (22, "", 0, 0)]))
    by_prefix = read(tmp_path / "x")

    for one in (found, by_prefix):
        assert (one.total.requests, one.total.failed) == (200, 20)
        told = "x_stats.csv counts no request, and x_stats_history.csv 200"
        assert any(told in problem for problem in one.problems)


def test_single_totals_that_do_not_fit_are_told_from_resets() -> None:
    def odd(*totals: float) -> list[int]:
        return np.flatnonzero(odd_totals(np.array(totals, float))).tolist()

    assert odd(0, 10, 20, 3, 40, 50) == [3]
    assert odd(0, 10, 20, 9999, 40, 50) == [3]
    assert odd(0, 10, 20, 4, 14, 24) == []
    assert odd(5, 20, 12, 30, 50) == []
    assert odd(0, 260, 400, 410, 420) == []
    assert odd(1, 2) == odd() == []


EARLIER = [(second, "", 7 * second, 0) for second in range(11)]
LATER = [(second + 1_010, "", 12 * second, second) for second in range(11)]


@pytest.mark.parametrize("headed", [False, True], ids=["without a second header", "with a second header"])
def test_a_file_with_two_runs_is_the_last_and_tells_of_the_other(headed: bool, tmp_path: Path) -> None:
    text = history(EARLIER) + "\r\n".join(history(LATER).split("\r\n")[0 if headed else 1 :])
    path = tmp_path / "x_stats_history.csv"

    found = of_history(tmp_path, text)
    first, last = read(path, 1), read(path, 2)

    assert (found.total.requests, found.total.failed, found.duration_s) == (120, 10, 10)
    assert found.problems == [
        "x_stats_history.csv contains 2 runs, 16m40s apart; the last of them is read (--part 1 for the other)"
    ]
    assert (first.total.requests, first.total.failed, first.duration_s) == (70, 0, 10)
    assert "number 1 of them is read (--part 2 for the other)" in first.problems[0]
    assert last.total.requests == 120
    for number in (0, 3, -1):
        with pytest.raises(LocustCsvError, match=rf'"x" has no part {number}: .*2 runs, so --part is 1 to 2'):
            read(path, number)


@pytest.mark.parametrize("headed", [False, True], ids=["without a second header", "with a second header"])
@pytest.mark.parametrize("version", ["1.0.3-full", "1.1-full", "1.1"])
def test_a_real_history_that_was_appended_to_itself_is_two_runs(
    version: str, headed: bool, tmp_path: Path
) -> None:
    whole = (Path(__file__).with_name("real") / version / "locust_stats_history.csv").read_text()
    lines = [line for line in whole.splitlines() if line.strip()]
    later = [re.sub(r"\d{10}", lambda match: str(int(match[0]) + 1000), line, count=1) for line in lines]

    single = of_history(tmp_path, whole)
    last = of_history(tmp_path, "\n".join([*lines, *later[0 if headed else 1 :], ""]))
    first = read(last.path, 1)

    for part in (first, last):
        assert part.total.requests == single.total.requests > 300
        assert [one.name for one in part.endpoints] == [one.name for one in single.endpoints]
        assert (part.duration_s, part.lacks) == (single.duration_s, single.lacks)
    assert "contains 2 runs" in last.problems[0]


def test_files_beside_a_history_of_two_runs_are_of_the_last(tmp_path: Path) -> None:
    (tmp_path / "x_stats.csv").write_text(stats([("/a", 120, 10), ("", 120, 10)]))
    (tmp_path / "x_failures.csv").write_text("Method,Name,Error,Occurrences\r\nGET,/a,boom,10\r\n")
    text = history(EARLIER) + "\r\n".join(history(LATER).split("\r\n")[1:])

    found = of_history(tmp_path, text)
    first = read(tmp_path / "x", 1)

    assert (found.total.requests, len(found.failures), len(found.endpoints)) == (120, 1, 1)
    assert (first.total.requests, len(first.failures), len(first.endpoints)) == (70, 0, 0)


def test_one_run_has_no_other_part(tmp_path: Path) -> None:
    found = of_history(tmp_path, history(STEADY))

    assert read(tmp_path / "x_stats_history.csv", 1).total.requests == found.total.requests
    with pytest.raises(LocustCsvError, match="one run, so leave out --part"):
        read(tmp_path / "x_stats_history.csv", 2)


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param(
            [(s, "", 10 * s if s < 5 else 10 * (s - 5), 0) for s in range(15)], id="totals reset at once"
        ),
        pytest.param(
            [(s, "", 10 * s, 0) for s in [*range(5), *range(900, 905)]], id="a pause without a reset"
        ),
    ],
)
def test_what_is_one_run_stays_one(rows: list[tuple[int, str, int, int]], tmp_path: Path) -> None:
    assert not any("runs" in told for told in of_history(tmp_path, history(rows)).problems)


def beside(folder: Path, **texts: str) -> Path:
    for kind, text in texts.items():
        (folder / f"x_{kind}.csv").write_text(text)
    return folder / "x"


FAILED = "Method,Name,Error,Occurrences\r\nGET,/a,boom,{}\r\n"


def test_a_history_of_another_run_is_told_and_left_out(tmp_path: Path) -> None:
    path = beside(
        tmp_path,
        stats=stats([("", 100_000, 5)]),
        stats_history=history([(s, "", 5 * s, 0) for s in range(21)]),
    )

    found, named = read(path), read(tmp_path / "x_stats_history.csv")

    assert (found.total.requests, len(found.starts)) == (100_000, 0)
    (told,) = found.problems
    assert told == (
        "x_stats_history.csv contradicts x_stats.csv: it counts 100 requests and 0 failures, and x_stats.csv "
        "100,000 requests and 5 failures; they are of different runs, so x_stats_history.csv is left out "
        "(name it to read it)"
    )
    assert (named.total.requests, len(named.starts)) == (100, 20)
    assert "x_stats.csv contradicts x_stats_history.csv" in named.problems[0]


def test_failures_of_another_run_are_told_and_no_share_is_made_of_them(tmp_path: Path) -> None:
    path = beside(tmp_path, stats=stats([("/a", 100, 5), ("", 100, 5)]), failures=FAILED.format(4000))

    made = report_of_files(read(path), "now")

    assert made.causes == []
    assert any(
        "x_failures.csv contradicts x_stats.csv: it has 4,000 failures" in told for told in made.notices
    )
    assert read(beside(tmp_path, failures=FAILED.format(5))).failures[0].occurrences == 5


@pytest.mark.parametrize("seconds", [0, 3, 9])
def test_a_history_that_ends_a_little_before_its_tables_is_of_the_same_run(
    seconds: int, tmp_path: Path
) -> None:
    path = beside(tmp_path, stats=stats([("", 200, 20)]), stats_history=history(STEADY[: 21 - seconds]))

    found = read(path)

    assert (found.total.requests, len(found.starts), found.problems) == (200, 20 - seconds, [])


def test_a_first_row_with_much_in_it_makes_no_rate_without_it(tmp_path: Path) -> None:
    """560 requests in 18 s, of which 260 came before the first row or in the first second."""
    after = [(second, "", 260 + 300 * second // 18, 0) for second in range(19)]

    alone = of_history(tmp_path, history(after))
    (tmp_path / "x_stats.csv").write_text(stats([("", 560, 0)]).replace(",16,2.0,", ",16,31.1,"))
    both = read(tmp_path / "x")
    first_second = of_history(tmp_path, history([(-1, "", 0, 0), *after]))

    assert "The average rate was 16.7/s" not in report_of_files(alone, "now").sentences[1]
    assert (
        "260 of 560 requests came before the first row of the history"
        in report_of_files(alone, "now").sentences[1]
    )
    assert figures_of(both, both.total)["throughput"] == pytest.approx(31.1)
    assert "The average rate was 31.1/s" in report_of_files(both, "now").sentences[1]
    assert figures_of(first_second, first_second.total)["throughput"] == pytest.approx(30, abs=1.2)
