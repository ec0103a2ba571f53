"""Columns keep what is in them, in little memory, whatever part of them is taken."""

from __future__ import annotations

import numpy as np
import pytest

from brownout_results.read.run_folder.columns import CountsByName, MaybeFloat
from brownout_results.record.compact_arrays import sums


@pytest.mark.parametrize("keep", ["11111", "00000", "10011", "01011"])
def test_counts_of_some_rows_are_those_of_these_rows(keep: str) -> None:
    blocks = [['{"a": 1}', ""], ['{"b": 2}'], ["", '{"c": 3}']]
    whole = CountsByName.joined([CountsByName.of(cells) for cells in blocks])

    part = whole.where(np.array([one == "1" for one in keep]))

    values = whole.values(slice(None))
    assert list(part.values(slice(None))) == [
        one for one, kept in zip(values, keep, strict=True) if kept == "1"
    ]


def test_a_column_without_a_number_takes_no_memory_and_can_be_cut_and_joined() -> None:
    unknown = MaybeFloat.of([""] * 1000)
    some = MaybeFloat.of(["", "1.5"])

    assert unknown.floats.strides == (0,)
    assert unknown.where(np.arange(1000) < 3).values(slice(None)) == [None] * 3
    assert MaybeFloat.joined([unknown, some]).values(slice(999, None)) == [None, None, 1.5]
    assert some.where(np.array([True, False])).values(slice(None)) == [None]


@pytest.mark.parametrize(
    ("values", "at", "wanted"),
    [
        ([1, 2, 3, 4], [0, 2, 4], [3, 7]),
        ([1, 2, 3, 4], [0, 0, 3, 3, 4, 4], [0, 6, 0, 4, 0]),
        ([], [0, 0, 0], [0, 0]),
        ([], [0], []),
        ([200, 200, 9], [0, 2], [400]),
    ],
)
def test_sums_of_parts_of_which_some_are_empty(values: list[int], at: list[int], wanted: list[int]) -> None:
    assert sums(np.array(values, np.uint8), np.array(at)).tolist() == wanted
