"""latency.hlog: HdrHistogram's own reader reads it, and ours reads what HdrHistogram writes."""

import base64
import zlib
from pathlib import Path

import pytest
from hdrh.histogram import HdrHistogram
from hdrh.log import HistogramLogReader
from hypothesis import given, settings
from hypothesis import strategies as st

from brownout_results.read.run_folder.intervals import Intervals
from brownout_results.read.run_folder.latency_reader import LogReader
from brownout_results.record import LATENCY, SERVICE, Histogram
from brownout_results.record.histogram import HIGHEST_US, LOWEST_US, SIGNIFICANT_DIGITS
from brownout_results.record.histogram_encoding import decode, encode
from brownout_results.record.latency_log import LogLine, Series, header, text
from tests.recorder.simulation import run_for

ODD = Series("ok", LATENCY, "GET", "/other, thing|?x=%é&y=\n \ud800")
FEW = settings(max_examples=30, deadline=None)  # hdrh takes milliseconds to make a histogram
SERIES = st.builds(Series, *[st.text(min_size=1, max_size=20)] * 4)


@given(SERIES)
def test_a_tag_has_no_separator_in_it_and_gives_the_series_back(series: Series) -> None:
    assert not set(series.tag) & set(", \n\r\t")
    assert Series.of_tag(series.tag) == series


@FEW
@given(st.lists(st.integers(LOWEST_US, HIGHEST_US), min_size=1, max_size=80))
def test_what_is_written_is_what_hdrhistogram_writes_and_reads_back_the_same(durations: list[int]) -> None:
    histogram = Histogram.of(durations)
    hdr = HdrHistogram(LOWEST_US, HIGHEST_US, SIGNIFICANT_DIGITS)
    for duration in durations:
        hdr.record_value(duration)

    payload = encode(histogram)

    assert payload == hdr.encode().decode()
    series = Series("ok", LATENCY, "GET", "/")
    back = Intervals.of([LogLine(series, 5.0, 1.0, payload)])
    assert back.bucket.tolist() == histogram.buckets.tolist()
    assert back.count.tolist() == histogram.counts.tolist()


@FEW
@given(st.lists(st.lists(st.integers(1, 5000), min_size=1, max_size=20), min_size=2, max_size=6))
def test_lines_read_together_stay_apart(seconds: list[list[int]]) -> None:
    payloads = [encode(Histogram.of(durations)) for durations in seconds]
    lines = [LogLine(ODD, float(second), 1.0, payload) for second, payload in enumerate(payloads)]

    intervals = Intervals.of(lines)

    assert intervals.per_second(0, len(seconds)).tolist() == [len(durations) for durations in seconds]
    for second, durations in enumerate(seconds):
        (histogram,) = intervals.histograms(intervals.within([range(second, second + 1)]))
        assert histogram.buckets.tolist() == Histogram.of(durations).buckets.tolist()


def test_hdrhistograms_own_reader_reads_the_log_of_a_run(tmp_path: Path) -> None:
    folder = run_for(tmp_path / "run", seconds=3)
    reader = HistogramLogReader(
        str(folder / "latency.hlog"), HdrHistogram(LOWEST_US, HIGHEST_US, SIGNIFICANT_DIGITS)
    )
    found = []
    while (interval := reader.get_next_interval_histogram()) is not None:
        found.append((interval.get_start_time_stamp(), interval.get_tag(), interval.get_total_count()))
    reader.input_file.close()

    assert reader.get_start_time_sec() == 1_700_000_000
    assert found == [
        (1000.0 * (1_700_000_000 + second), f"{outcome}|{measure}|GET|/fetch", count)
        for second in range(3)
        for outcome, count in (("fallback", 1), ("ok", 10))
        for measure in (LATENCY, SERVICE)
    ]


def test_a_line_gives_back_what_it_was_made_of() -> None:
    line = LogLine(ODD, 1_700_000_000.0, 1.0, encode(Histogram.of([1500])))

    intervals = read_lines(text(line, max_us=1500))

    assert (intervals.series, intervals.second.tolist()) == ([ODD], [1_700_000_000])
    assert (intervals.requests.tolist(), intervals.bucket.tolist()) == ([1], [1500])
    assert ",1.500," in text(line, max_us=1500)


def test_lines_of_a_series_come_together_in_the_order_of_the_log() -> None:
    other = Series("error", SERVICE, "GET", "/")
    durations = {(ODD, 7): [5, 5, 9], (other, 7): [3], (ODD, 6): [2], (other, 8): [4, 4000]}
    lines = [
        LogLine(series, float(second), 1.0, encode(Histogram.of(values)))
        for (series, second), values in durations.items()
    ]

    intervals = Intervals.of(lines)

    assert (intervals.series, intervals.lines.tolist()) == ([ODD, other], [0, 2, 4])
    assert (intervals.second.tolist(), intervals.requests.tolist()) == ([7, 6, 7, 8], [3, 1, 1, 2])
    assert intervals.bucket.tolist() == [5, 9, 2, 3, 4, 3024]
    assert intervals.count.tolist() == [2, 1, 1, 1, 1, 1]
    late = intervals.all_from(7)
    assert (late.second.tolist(), late.bucket.tolist()) == ([7, 7, 8], [5, 9, 3, 4, 3024])
    assert late.requests_by_series(late.within([range(8, 9)])).tolist() == [0, 2]


def test_header_lines_are_no_intervals() -> None:
    for line in header(1_700_000_000).splitlines(keepends=True):
        assert len(read_lines(line).second) == 0


@pytest.mark.parametrize("cut", [5, 30, 60, 90])
def test_a_line_cut_short_is_refused(cut: int) -> None:
    whole = text(LogLine(ODD, 1.0, 1.0, encode(Histogram.of(range(1, 5000, 7)))), max_us=5000)

    with pytest.raises(ValueError, match="not "):
        read_lines(whole[: len(whole) * cut // 100] + "\n")


@pytest.mark.parametrize("start", ["", "nan", "inf", "1e300", "soon"])
def test_a_line_without_a_time_is_refused(start: str) -> None:
    payload = encode(Histogram.of([1500]))

    with pytest.raises(ValueError, match=r"not a time|could not convert"):
        read_lines(f"Tag={ODD.tag},{start},1.000,1.500,{payload}\n")


def test_a_histogram_of_another_layout_is_refused() -> None:
    hdr = HdrHistogram(1, 1000, 2)
    hdr.record_value(10)

    with pytest.raises(ValueError, match="a histogram of"):
        decode([hdr.encode().decode()])


def test_a_histogram_of_more_buckets_than_there_are_is_refused() -> None:
    counts = b"\xff\xff\xff\xff\x0f\x02"  # two thousand million empty buckets, then one duration

    with pytest.raises(ValueError, match="more buckets"):
        decode([payload_of(counts)])


def payload_of(counts: bytes) -> str:
    """A payload of these encoded counts, all else being as it should."""
    raw = zlib.decompress(base64.b64decode(encode(Histogram.of([1500])))[8:])
    changed = raw[:4] + len(counts).to_bytes(4, "big") + raw[8:40] + counts
    return base64.b64encode(bytes(8) + zlib.compress(changed)).decode()


def read_lines(block: str) -> Intervals:
    """The intervals in these lines."""
    log = LogReader()
    log.add(block)
    return log.read()
