"""Injections are counted by fault set, over lives that begin and end."""

import pytest

from brownout_panel.desired import ReplicaFaults
from brownout_panel.injections import Injections


def answer(revision: int, injected: int | None, boot: str = "a") -> ReplicaFaults:
    return ReplicaFaults(revision, boot, [], injected=None if injected is None else {"error": injected})


@pytest.mark.parametrize(
    ("answers", "counts"),
    [
        ([], {1: None}),
        ([answer(1, None)], {1: None}),
        ([answer(1, 40)], {1: None}),  # it may still be
        ([answer(1, 40), answer(2, 40)], {1: 0, 2: None}),
        ([answer(1, 40), answer(2, 0, "b")], {1: None, 2: None}),  # a life ended unseen
        ([answer(1, 40), answer(1, 43)], {1: 3}),
        ([answer(1, 40), answer(1, 43), answer(2, 45)], {1: 5, 2: None}),
        ([answer(1, 0), answer(2, 5), answer(2, 5), answer(3, 9)], {1: 5, 2: 4, 3: None}),
        ([answer(1, 0), answer(1, 0, "b"), answer(1, 2), answer(2, 3, "b")], {1: 5, 2: None}),
        ([answer(1, 7), answer(1, 9), answer(1, 0, "b"), answer(2, 1, "b")], {1: 3, 2: None}),
    ],
)
def test_counts(answers: list[ReplicaFaults], counts: dict[int, int | None]) -> None:
    injections = Injections()
    for one in answers:
        injections.take(one)
    assert {revision: injections.of(revision) for revision in counts} == counts
