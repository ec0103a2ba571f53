"""Which replica gets a connection, and who hands some over."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brownout_fleet.balancer import least_loaded, surplus

LOADS = st.dictionaries(st.sampled_from("abcdefgh"), st.integers(0, 1000))


@pytest.mark.parametrize(
    ("load", "exclude", "chosen"),
    [
        ({}, (), None),
        ({"a": 0}, (), "a"),
        ({"a": 1, "b": 0}, (), "b"),
        ({"a": 1, "b": 1}, (), "a"),
        ({"a": 0, "b": 7}, {"a"}, "b"),
        ({"a": 0, "b": 7}, {"a", "b"}, None),
    ],
)
def test_the_ready_replica_with_the_fewest_connections_is_chosen(
    load: dict[str, int], exclude: set[str], chosen: str | None
) -> None:
    assert least_loaded(load, exclude) == chosen


@pytest.mark.parametrize(
    ("load", "handed_over"),
    [
        ({}, {}),
        ({"a": 5}, {}),
        ({"a": 4, "b": 0}, {"a": 2}),
        ({"a": 3, "b": 2}, {}),
        ({"a": 10, "b": 10, "c": 0}, {"a": 3, "b": 3}),
    ],
)
def test_replicas_over_their_share_hand_the_rest_over(
    load: dict[str, int], handed_over: dict[str, int]
) -> None:
    assert surplus(load) == handed_over


@given(LOADS)
def test_after_the_handover_all_hold_the_same_give_or_take_one(load: dict[str, int]) -> None:
    after = dict(load)
    for name, count in surplus(load).items():
        for _ in range(count):
            after[name] -= 1
            taker = least_loaded(after)
            assert taker is not None
            after[taker] += 1
    assert sum(after.values()) == sum(load.values())
    if surplus(load):
        assert max(after.values()) - min(after.values()) <= max(1, len(load) - 1)
        assert max(after.values()) == -(-sum(load.values()) // len(load))
