"""The retry budget: retries stay a share of the traffic."""

import pytest

from brownout_client.budget import Budget
from brownout_client.policy import BudgetPolicy as Settings


def budget(*, enabled: bool = True, ratio: float = 0.5, burst: int = 2) -> Budget:
    return Budget(Settings(enabled=enabled, ratio=ratio, burst=burst))


def test_it_starts_full_and_pays_until_it_is_empty() -> None:
    tokens = budget(burst=2)
    assert [tokens.withdraw() for _ in range(3)] == [True, True, False]


def test_requests_fill_it_by_their_ratio() -> None:
    """At 0.5 a request, every second one pays for a retry."""
    tokens = budget(ratio=0.5, burst=1)
    assert tokens.withdraw()
    paid = []
    for _ in range(4):
        tokens.deposit()
        paid.append(tokens.withdraw())
    assert paid == [False, True, False, True]


def test_it_never_holds_more_than_its_burst() -> None:
    tokens = budget(ratio=10, burst=3)
    for _ in range(100):
        tokens.deposit()
    assert [tokens.withdraw() for _ in range(4)] == [True, True, True, False]


@pytest.mark.parametrize("ratio", [0.0, 0.5])
def test_disabled_it_pays_for_everything(ratio: float) -> None:
    tokens = budget(enabled=False, ratio=ratio, burst=1)
    assert all(tokens.withdraw() for _ in range(100))
