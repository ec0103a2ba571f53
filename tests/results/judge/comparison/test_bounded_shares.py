"""Intervals of shares stay where shares can be, whatever was counted."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from brownout_results.judge.comparison.difference import difference
from brownout_results.measure.resampling.estimates import Estimate


@given(
    st.tuples(*[st.integers(0, 10**6)] * 4),
    st.tuples(*[st.floats(0, 1)] * 2),
    st.floats(0.5, 100),
)
def test_an_interval_of_shares_stays_where_shares_can_be(
    counts: tuple[int, int, int, int], errors: tuple[float, float], degrees: float
) -> None:
    sides = [
        Estimate(value=part / (part + rest + 1), error=error, degrees=degrees, events=(part, part + rest + 1))
        for part, rest, error in zip(counts[::2], counts[1::2], errors, strict=True)
    ]
    found = difference(*sides, is_log=False, unit="%")

    assert found.absolute is not None
    assert found.low is not None
    assert found.high is not None
    assert found.p is not None
    assert -1 <= found.low <= found.absolute + 1e-9
    assert found.absolute - 1e-9 <= found.high <= 1
    assert 0 <= found.p <= 1
    if abs(found.p - 0.05) > 1e-6:
        assert (found.low > 0 or found.high < 0) == (found.p < 0.05)
