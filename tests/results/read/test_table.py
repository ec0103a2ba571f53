"""Tables are kept by column, and give back the rows that were written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brownout_results.read.run_folder import SampleTable
from brownout_results.read.run_folder.table import TableReader
from brownout_results.record import Sample
from brownout_results.record.table_rows import header, rows_text

COUNT = st.none() | st.integers(-(2**62), 2**62)
COUNTS = st.dictionaries(st.text(max_size=8), st.integers(-(2**60), 2**60), max_size=3)
TEXT = st.sampled_from(["", "client", "a,b", 'say "no"', "naïve ☃"])
SAMPLE = st.builds(
    Sample,
    st.integers(0, 2**40),
    *[TEXT] * 3,
    st.none() | st.integers(0, 10**9).map(lambda us: us / 1000),
    *[TEXT] * 3,
    *[COUNT] * 7,
    *[COUNTS] * 3,
    *[st.none() | st.integers(0, 10**6).map(lambda us: us / 1000)] * 6,
)


def table(*blocks: list[Sample]) -> SampleTable:
    """The rows, read block by block."""
    reader = TableReader(SampleTable)
    reader.begin(header(Sample).rstrip())
    for rows in blocks:
        if rows:
            reader.add(rows_text(rows))
    return reader.read()


def one(second: int, service: str = "client", requests: int | None = None) -> Sample:
    """A sample."""
    return Sample(second, service, "a", "", 1.5, "b", "", "", requests, *(None,) * 6, {"ok": second}, {}, {})


@given(st.lists(SAMPLE, max_size=6), st.lists(SAMPLE, max_size=6))
def test_rows_come_back_as_they_were_written(first: list[Sample], then: list[Sample]) -> None:
    read = table(first, then)

    rows = first + then
    assert (len(read), list(read), read[:]) == (len(rows), rows, rows)
    assert [read[at] for at in range(-len(rows), len(rows))] == rows + rows
    assert read[1::2] == rows[1::2]


@given(st.lists(st.tuples(SAMPLE, st.booleans()), max_size=8))
def test_a_part_of_the_rows_is_as_if_there_were_no_others(rows: list[tuple[Sample, bool]]) -> None:
    read = table([row for row, _ in rows[:4]], [row for row, _ in rows[4:]])

    part = read.where(read.ints("second") * 0 + [kept for _, kept in rows] == 1)

    kept = [row for row, is_kept in rows if is_kept]
    assert list(part) == kept
    assert part.text("service").names == list(dict.fromkeys(row.service for row in kept))


def test_columns_tell_what_is_not_known() -> None:
    read = table([one(7, "client", 3), one(8, "backend")], [one(9, "client", 70_000)])

    assert (read.ints("second").tolist(), read.ints("requests").tolist()) == ([7, 8, 9], [3, 0, 70_000])
    assert read.known("requests").tolist() == [True, False, True]
    assert read.text("service").is_in("client").tolist() == [True, False, True]
    assert read.counts("outcomes") == [{"ok": 7}, {"ok": 8}, {"ok": 9}]


@pytest.mark.parametrize(
    "cells",
    [
        ",client,a,,1,b,,,,,,,,,,,,,",  # no second
        "7.5,client,a,,1,b,,,,,,,,,,,,,",
        "7,client,a,,soon,b,,,,,,,,,,,,,",
        f"7,client,a,,1,b,,,{2**64},,,,,,,,,,",
        '7,client,a,,1,b,,,,,,,,,,"[1]",,,',
        '7,client,a,,1,b,,,,,,,,,,"{""ok"": ""many""}",,,',
        f"7,client,a,,1,b,,,,,,,,,,{'[' * 100_000},,,",
        "7,client",
        "7,client,a,,1,b,,,,,,,,,,,,,,",
        '7,client,a,,1,b,,,,,,,,,,,,,"',
        "7,client,\r,,1,b,,,,,,,,,,,,,",
        "",
    ],
)
def test_a_line_that_is_no_row_is_refused_and_nothing_of_its_block_is_taken(cells: str) -> None:
    reader = TableReader(SampleTable)
    reader.begin(header(Sample).rstrip())

    with pytest.raises(ValueError, match=r"\w"):
        reader.add(rows_text([one(6)]) + f"{cells}\n" + rows_text([one(8)]))

    assert len(reader.read()) == 0
