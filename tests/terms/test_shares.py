"""Shares as they are written: never rounded to none or to all."""

import pytest

from brownout_terms.numbers import amount
from brownout_terms.shares import measured_share, share_difference, write_share


@pytest.mark.parametrize(
    ("share", "written"),
    [
        (0.0, "0.00 %"),
        (1.0, "100.00 %"),
        (0.5, "50.00 %"),
        (0.99703, "99.70 %"),
        (37_218 / 37_219, "99.997 %"),
        (1 / 37_219, "0.003 %"),
        (0.99996, "99.996 %"),
        (1 - 1e-7, "99.99999 %"),
        (1 - 1e-12, "over 99.999999 %"),
        (1e-12, "under 0.000001 %"),
    ],
)
def test_only_none_is_0_and_only_all_is_100(share: float, written: str) -> None:
    assert measured_share(share) == amount(share, "%") == written


@pytest.mark.parametrize(
    ("difference", "written"),
    [
        (0.0, "0.00 pp"),
        (1e-17, "0.00 pp"),
        (0.175, "+17.50 pp"),
        (-1 / 37_219, "−0.003 pp"),
        (1e-10, "+0.000001 pp"),
        (-1e-10, "−0.000001 pp"),
    ],
)
def test_a_difference_of_shares_is_only_0_if_there_is_none(difference: float, written: str) -> None:
    assert share_difference(difference) == amount(difference, "%", signed=True) == written


def test_fewer_digits_are_as_exact_at_the_ends() -> None:
    assert [measured_share(share, 1) for share in (0.8, 0.9999, 1.0)] == ["80.0 %", "99.99 %", "100.0 %"]


def test_a_typed_share_is_not_rounded_to_all_either() -> None:
    assert write_share(0.999999999) == "over 99.999999 %"
    assert write_share(0.3) == "30 %"
