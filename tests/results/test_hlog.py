"""latency.hlog: HdrHistogram's own reader reads it, and ours reads what HdrHistogram writes."""

from pathlib import Path

import pytest
from hdrh.histogram import HdrHistogram
from hdrh.log import HistogramLogReader
from hypothesis import given, settings
from hypothesis import strategies as st

from results.run_folder import LATENCY, SERVICE, Histogram
from results.run_folder.histogram import HIGHEST_US, LOWEST_US, SIGNIFICANT_DIGITS
from results.run_folder.hlog import Line, Series, header, parse, text
from results.run_folder.intervals import Intervals
from results.run_folder.payload import Encoder, check
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

    payload = Encoder().encode(histogram)

    assert payload == hdr.encode().decode()
    series = Series("ok", LATENCY, "GET", "/")
    back = Intervals.of([Line(series, 5.0, 1.0, payload)], [check(payload)])
    assert back.bucket.tolist() == histogram.buckets.tolist()
    assert back.count.tolist() == histogram.counts.tolist()


@FEW
@given(st.lists(st.lists(st.integers(1, 5000), min_size=1, max_size=20), min_size=2, max_size=6))
def test_lines_read_together_stay_apart(seconds: list[list[int]]) -> None:
    encoder = Encoder()
    payloads = [encoder.encode(Histogram.of(durations)) for durations in seconds]
    lines = [Line(ODD, float(second), 1.0, payload) for second, payload in enumerate(payloads)]

    intervals = Intervals.of(lines, [check(payload) for payload in payloads])

    assert intervals.per_second(0, len(seconds)).tolist() == [len(durations) for durations in seconds]
    for second, durations in enumerate(seconds):
        histogram = intervals.where(start=second, end=second + 1).histogram()
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
    line = Line(ODD, 1_700_000_000.0, 1.0, Encoder().encode(Histogram.of([1500])))

    assert parse(text(line, max_us=1500)) == line
    assert ",1.500," in text(line, max_us=1500)


def test_header_lines_are_no_intervals() -> None:
    assert [parse(line) for line in header(1_700_000_000).splitlines()] == [None] * 4


@pytest.mark.parametrize("cut", [5, 30, 60, 90])
def test_a_line_cut_short_is_refused(cut: int) -> None:
    whole = text(Line(ODD, 1.0, 1.0, Encoder().encode(Histogram.of(range(1, 5000, 7)))), max_us=5000)

    with pytest.raises(ValueError, match="not "):
        read_line(whole[: len(whole) * cut // 100])


def test_a_histogram_of_another_layout_is_refused() -> None:
    hdr = HdrHistogram(1, 1000, 2)
    hdr.record_value(10)

    with pytest.raises(ValueError, match="a histogram of"):
        check(hdr.encode().decode())


def read_line(line: str) -> None:
    parsed = parse(line)
    assert parsed
    check(parsed.payload)
