"""Durations and shares are parsed and written in one way."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brownout_terms.durations import LONGEST_S, DurationError, parse_duration, write_duration
from brownout_terms.shares import ShareError, parse_share, write_share
from brownout_terms.texts import short


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("20", 20),
        ("0", 0),
        ("2.5", 2.5),
        (".5s", 0.5),
        ("20s", 20),
        ("2.5s", 2.5),
        ("500ms", 0.5),
        ("3m", 180),
        ("1.5h", 5400),
        ("1h30m", 5400),
        ("1h 30m 2s 5ms", 5402.005),
        (" 10s ", 10),
    ],
)
def test_a_duration_is_what_was_typed(text: str, seconds: float) -> None:
    assert parse_duration(text) == pytest.approx(seconds)


def test_a_number_alone_is_in_the_field_s_own_unit() -> None:
    assert parse_duration("200", "ms") == pytest.approx(0.2)
    assert parse_duration("1.5s", "ms") == pytest.approx(1.5)


@pytest.mark.parametrize(
    "text",
    ["", " ", "s", "-1s", "1d", "1,5s", "nan", "inf", "1e3", "5ms3s", "1s1s", "10 %", "٣s", "1" * 5000],
)
def test_what_is_no_duration_is_quoted_and_what_is_allowed_is_said(text: str) -> None:
    with pytest.raises(DurationError) as caught:
        parse_duration(text)
    assert str(caught.value).startswith(f'"{short(text)}" is not a duration; allowed: 20, 2.5s')


def test_a_duration_that_overflows_what_others_compute_is_refused() -> None:
    with pytest.raises(DurationError, match="is too long; allowed: at most 8784h"):
        parse_duration("999999999999h")


@given(st.integers(0, int(LONGEST_S * 1000)))
def test_a_written_duration_can_be_typed_again(milliseconds: int) -> None:
    assert parse_duration(write_duration(milliseconds / 1000)) == pytest.approx(milliseconds / 1000, abs=5e-4)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0s"), (0.2, "200ms"), (2.5, "2.5s"), (59.9999, "1m"), (90, "1m30s"), (7200, "2h"), (-3, "-3s")],
)
def test_a_duration_is_written_in_the_largest_units_that_fit(seconds: float, text: str) -> None:
    assert write_duration(seconds) == text


@pytest.mark.parametrize(
    ("text", "share"),
    [("30%", 0.3), ("30 %", 0.3), ("0.3", 0.3), ("1", 1), ("100%", 1), ("0", 0), (".5%", 0.005)],
)
def test_a_share_is_what_was_typed(text: str, share: float) -> None:
    assert parse_share(text) == pytest.approx(share)


@pytest.mark.parametrize("text", ["", "30", "101%", "-1%", "1.5", "nan", "inf", "30,5%", "%", "0.3.1"])
def test_what_is_no_share_is_quoted_and_what_is_allowed_is_said(text: str) -> None:
    with pytest.raises(ShareError) as caught:
        parse_share(text)
    assert str(caught.value) == (
        f'"{short(text)}" is not a share; allowed: 0% to 100%, or 0 to 1, such as 30% or 0.3'
    )


@given(st.integers(0, 100_000).map(lambda whole: whole / 100_000))
def test_a_written_share_can_be_typed_again(share: float) -> None:
    assert parse_share(write_share(share)) == pytest.approx(share)
