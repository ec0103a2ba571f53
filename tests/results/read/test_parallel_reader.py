"""A log that several processes read is the same as one that a single process reads."""

from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from brownout_results.read.run_folder import Intervals
from brownout_results.read.run_folder.parallel_reader import SharedLog, shares
from brownout_results.record import Histogram, latency_log
from brownout_results.record.histogram_encoding import encode

SECONDS = 300
DAMAGED = {9: "not a line\n", 151: "Tag=ok|latency|GET|/x,5,1,1,xyz\n", 290: "\n\n"}


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A log of two series, with lines that can't be read, and a last one that is cut off."""
    lines = [latency_log.header(1000)]
    for second in range(SECONDS):
        for outcome in ("ok", "error") if second % 3 else ("error", "ok"):
            histogram = Histogram.of([1000 + second, 10_000, 70 * second])
            series = latency_log.Series(outcome, "latency", "GET", "/")
            line = latency_log.LogLine(series, 1000 + second, 1.0, encode(histogram))
            lines.append(latency_log.text(line, histogram.max_us))
        lines.append(DAMAGED.get(second, ""))
    path = tmp_path_factory.mktemp("log") / "latency.hlog"
    path.write_text("".join(lines)[:-20])
    return path


def helpers(path: Path) -> list[psutil.Process]:
    """The processes that read the log for this one."""
    found = []
    for child in psutil.Process().children():
        with suppress(psutil.NoSuchProcess):
            if str(path) in child.cmdline():
                found.append(child)
    return found


def told(intervals: Intervals) -> list[object]:
    """All that it holds."""
    arrays = (intervals.lines, intervals.second, intervals.requests, intervals.entries)
    return [intervals.series, *(one.tolist() for one in (*arrays, intervals.bucket, intervals.count))]


def read(path: Path, processes: int, *, killed: bool = False) -> tuple[list[object], list[int], bool]:
    """What so many processes read of it; `killed`: the others have no time to."""
    with SharedLog(path, processes=processes, small=1) as log:
        if killed:
            for helper in helpers(path):
                helper.kill()
        log.read()
        return told(log.built()), log.bad, log.is_cut_off


@pytest.mark.parametrize("processes", [2, 3])
def test_processes_read_a_log_together_as_one_does_alone(processes: int, path: Path) -> None:
    alone = read(path, 1)

    assert len(shares(path, 0, processes, small=1)) == processes
    assert read(path, processes) == alone
    assert (alone[1], alone[2]) == ([25, 310], True)
    assert helpers(path) == []


def test_a_process_that_dies_costs_time_only(path: Path) -> None:
    assert read(path, 3, killed=True) == read(path, 1)


def test_a_log_that_is_not_read_leaves_no_process(path: Path) -> None:
    with SharedLog(path, processes=3, small=1):
        assert len(helpers(path)) == 2

    assert helpers(path) == []


@pytest.mark.parametrize("beside", [0, 500, 10**9])
def test_a_share_begins_with_a_line(beside: int, path: Path) -> None:
    content = path.read_bytes()

    places = shares(path, beside, 4, small=1)

    assert places == sorted(set(places))
    assert all(place == 0 or content[place - 1 : place] == b"\n" or place == len(content) for place in places)


def test_a_small_log_or_none_is_read_by_one_process(path: Path) -> None:
    assert shares(path, 0, 4) == shares(path.with_name("none"), 0, 4, small=1) == [0]
