"""Times of a history that are dates, as spreadsheets and databases write them."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from brownout_results.read.locust_csv import LocustCsvError, LocustRun, read
from brownout_results.read.locust_csv.dates import moments_of
from tests.results.read.locust_csv.files import history

LATE, EARLY = 1_795_788_180, 1_793_788_180
"""27 November 2026, 14:03:00, and 4 November 2026, 10:29:40."""


def with_times(folder: Path, start: int, written: str) -> LocustRun:
    """A run of 20 s with times in a format of `strftime`, or of `excel`."""
    folder.mkdir(exist_ok=True)
    text = history([(second, "", 10 * second, 0) for second in range(21)])
    for second in reversed(range(21)):
        moment = datetime.fromtimestamp(start + second, UTC)
        days = f"{(start + second) / 86_400 + 25_569:.6f}"
        cell = days if written == "excel" else moment.strftime(written)
        text = text.replace(str(1_700_000_000 + second), f'"{cell}"' if "," in cell else cell)
    (folder / "x_stats_history.csv").write_text(text)
    return read(folder)


@pytest.mark.parametrize(
    "written",
    [
        *("%d/%m/%Y %H:%M:%S", "%m/%d/%Y %H:%M:%S", "%d.%m.%Y %H:%M:%S", "%d-%m-%y %H:%M:%S"),
        *("%m/%d/%Y %I:%M:%S %p", "%d/%m/%Y %I:%M:%S%p", "%d %b %Y %H:%M:%S", "%Y%m%d%H%M%S", "excel"),
        *("%Y-%m-%d %H:%M:%S UTC", "%d/%m/%Y %H:%M:%S+00:00", "%a, %d %b %Y %H:%M:%S GMT"),
    ],
)
def test_a_date_is_read_in_the_order_that_the_column_tells(written: str, tmp_path: Path) -> None:
    found = with_times(tmp_path, LATE, written)

    assert (found.began, found.duration_s, found.problems) == (LATE, 20, [])
    assert found.total.ok_in.sum() == 200


def test_a_zone_moves_the_time() -> None:
    moments, open_text = moments_of(["27/11/2026 14:03:00 +01:00", "27/11/2026 14:03:01 +0100"])

    assert (moments, open_text) == ([LATE - 3600, LATE - 3599], None)


def test_a_column_that_passes_midnight_tells_what_the_day_is() -> None:
    moments, open_text = moments_of(["03/11/2026 23:59:59", "04/11/2026 00:00:00"])

    assert (moments[1] - moments[0], open_text) == (1, None)
    assert datetime.fromtimestamp(moments[1], UTC).month == 11


def test_a_date_that_may_be_two_days_is_named_and_only_its_time_of_day_is_read(tmp_path: Path) -> None:
    found = with_times(tmp_path, EARLY, "%d/%m/%Y %H:%M:%S")

    assert (found.began, found.duration_s) == (None, 20)
    (told,) = found.problems
    assert told.startswith(
        'x_stats_history.csv, line 2: "04/11/2026 10:29:40" may be 2026-11-04 or 2026-04-11'
    )
    assert "write dates as in 2026-11-04" in told
    assert with_times(tmp_path, EARLY, "%d.%m.%Y %H:%M:%S").began == EARLY


def test_times_of_day_and_times_from_the_start_are_no_date(tmp_path: Path) -> None:
    assert with_times(tmp_path, LATE, "%H:%M:%S").began is None
    assert with_times(tmp_path, 100, "%s").began is None


def test_times_that_were_rounded_to_minutes_are_told(tmp_path: Path) -> None:
    found = with_times(tmp_path, LATE - 10, "%d/%m/%Y %H:%M")

    assert any("21 rows have only 2 different times" in problem for problem in found.problems)


def test_times_that_are_none_are_named_with_what_they_should_be(tmp_path: Path) -> None:
    with pytest.raises(LocustCsvError, match=r'line 2: "monday" is not a time .*2026-11-27 14:03:00'):
        with_times(tmp_path, LATE, "monday")
