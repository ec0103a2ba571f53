"""Numbers and names as they are read."""

import math

import pytest

from brownout_terms.numbers import amount, clock, percent
from brownout_terms.texts import brief, listed, short


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.99703, "%", "99.70 %"),
        (221.4, "ms", "221 ms"),
        (8.284, "ms", "8.28 ms"),
        (0.05, "ms", "0.050 ms"),
        (12_345.0, "ms", "12.3 s"),
        (1234.5, "/s", "1,234/s"),
        (1.198, "×", "1.20×"),
        (4, "s", "4 s"),
        (4.25, "s", "4.25 s"),
        (0.0, "ms", "0 ms"),
        (None, "ms", "–"),
        (math.nan, "ms", "–"),
        (math.inf, "/s", "–"),
    ],
)
def test_a_figure_has_its_unit_and_three_digits(value: float | None, unit: str, text: str) -> None:
    assert amount(value, unit) == text


def test_a_difference_has_its_sign_and_one_of_shares_is_in_percentage_points() -> None:
    assert amount(-3.21, "ms", signed=True) == "−3.21 ms"
    assert amount(0.115, "%", signed=True) == "+11.50 pp"
    assert percent(0.1) == "+10.0 %"
    assert percent(-0.345) == "−34.5 %"
    assert percent(12.0) == "+1,200 %"


def test_a_name_of_ten_thousand_letters_is_cut_and_says_so() -> None:
    shown = short("a" * 5_000 + "\n\x00\u202eb" + "c" * 5_000)

    assert len(shown) < 150
    assert shown.endswith("(10,004 characters)")
    assert shown.isprintable()


def test_names_of_columns_are_brief_as_long_as_they_differ() -> None:
    label = "the release candidate of November, number "

    assert brief(["a", f"{label}1", f"{label}2"]) == [
        "a", "the release can … , number 1", "the release can … , number 2"
    ]  # fmt: skip
    assert brief([f"1 {label}", f"2 {label}"])[0].startswith("1 the release")
    assert brief([f"{label}1 {label}", f"{label}2 {label}"]) == [
        f"{label}1 {label}".strip(),
        f"{label}2 {label}".strip(),
    ]


def test_lists_and_times_read_as_one_says_them() -> None:
    assert listed(["a"]) == "a"
    assert listed(["a", "b", "c"]) == "a, b and c"
    assert listed(list("abcdefg"), 3) == "a, b and 5 more"
    assert clock(45) == "00:45"
    assert clock(3_905) == "1:05:05"
