"""Tables that people and tools changed: other spellings of numbers, headers and the row of all requests."""

import re
from pathlib import Path

import pytest

from brownout_results.read.locust_csv import LocustCsvError, read
from tests.results.read.locust_csv.files import history, stats

REAL = Path(__file__).with_name("real")
TABLE = stats([("/a", 1_200, 12), ("/b", 2_345, 23), ("", 3_545, 35)])
ROWS = history([(second, "", 150 * second, second) for second in range(21)])


def grouped(mark: str) -> str:
    """The table with something between thousands."""
    quote = '"' if mark == "," else ""
    return re.sub(r",([123])(\d{3}),", rf",{quote}\1{mark}\2{quote},", TABLE)


CHANGED = {
    "a comma between thousands": grouped(","),
    "a space between thousands": grouped(" "),
    "an apostrophe between thousands": grouped("'"),
    "decimal commas in quotes": re.sub(r",(\d+)\.(\d+),", r',"\1,\2",', TABLE),
    "units": TABLE.replace(",11.5,", ",11.5 ms,"),
    "a title": f"Results of Monday\r\n\r\n{TABLE}",
    "a comment": f"# run 7\r\n{TABLE}",
    "snake case": "\r\n".join(
        line.lower().replace(" ", "_") if number == 0 else line
        for number, line in enumerate(TABLE.splitlines())
    ),
    "spaces behind commas": TABLE.replace(",", ", "),
    "a table of Markdown": "| " + TABLE.replace(",", " | ").replace("\r\n", " |\n| "),
    "a total in capitals": TABLE.replace("Aggregated", "TOTAL"),
    "a total of a newer version called as once": TABLE.replace(",Aggregated", "None,Total"),
    "a total without a name": TABLE.replace(",Aggregated", ","),
    "a total whose type is its name": TABLE.replace(",Aggregated", "Aggregated,Aggregated"),
    "a total whose type is not known": TABLE.replace(",Aggregated", "N/A,Aggregated"),
}


@pytest.mark.parametrize("change", CHANGED)
def test_a_table_that_was_changed_says_the_same(change: str, tmp_path: Path) -> None:
    (tmp_path / "x_stats.csv").write_text(CHANGED[change])

    found = read(tmp_path)

    assert (found.total.requests, found.total.failed, found.total.mean_ms) == (3_545, 35, 11.5)
    assert [part.requests for part in found.endpoints] == [1_200, 2_345]
    assert not [problem for problem in found.problems if "line" not in problem]


def test_thousands_in_a_history_are_counts(tmp_path: Path) -> None:
    (tmp_path / "x_stats_history.csv").write_text(re.sub(r",(\d)(\d{3}),", r',"\1,\2",', ROWS))

    assert (found := read(tmp_path)).total.requests == 3_000
    assert found.problems == []


def test_a_cell_that_is_no_number_is_named(tmp_path: Path) -> None:
    (tmp_path / "x_stats.csv").write_text(TABLE.replace(",11.5,", ",about 12,", 1))

    assert 'x_stats.csv, line 2: "about 12" is not a number; they are left out' in read(tmp_path).problems


def test_two_tables_below_each_other_are_the_last_and_are_told(tmp_path: Path) -> None:
    (tmp_path / "x_stats.csv").write_text(TABLE + stats([("/c", 10, 1), ("", 10, 1)]))

    found = read(tmp_path)

    assert (found.total.requests, [part.name for part in found.endpoints]) == (10, ["/c"])
    assert found.problems[0].startswith("x_stats.csv contains 2 tables, one below the other; the last")


def test_percentiles_alone_are_no_run_of_no_requests(tmp_path: Path) -> None:
    name = "locust_distribution.csv"
    (tmp_path / name).write_bytes((REAL / "0.9.0" / name).read_bytes())

    with pytest.raises(LocustCsvError, match="no count of requests"):
        read(tmp_path)


def test_rates_alone_are_named_for_what_they_lack(tmp_path: Path) -> None:
    (tmp_path / "x_stats_history.csv").write_text(
        "Timestamp,User Count,Type,Name,Requests/s,Failures/s\n1700000000,5,,Aggregated,9.5,0\n"
    )

    with pytest.raises(LocustCsvError, match="has rates and no counts"):
        read(tmp_path)


def test_a_page_whose_script_a_browser_saved_beside_it_is_read(tmp_path: Path) -> None:
    page = (REAL / "html-2.22.0" / "locust.html").read_text()
    begin = page.rindex("<script", 0, page.index("window.templateArgs"))
    end = page.index("</script>", begin)
    script = page[page.index(">", begin) + 1 : end]
    (tmp_path / "a report_files").mkdir()
    (tmp_path / "a report_files" / "saved.js").write_text(script.replace(".templateArgs", '["templateArgs"]'))
    saved = f'{page[:begin]}<script src="./a%20report_files/saved.js">{page[end:]}'
    (tmp_path / "a report.html").write_text(saved)

    assert read(tmp_path / "a report.html").total.requests == 200

    (tmp_path / "a report_files" / "saved.js").unlink()
    with pytest.raises(LocustCsvError, match="in a script of its own that is not beside it"):
        read(tmp_path / "a report.html")
