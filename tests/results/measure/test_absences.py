"""How long a fault proxy was away, from the run's events."""

from typing import Any

import pytest

from brownout_results.measure.absences import Absence, absences


def change(
    second: int, what: str, dependency: str | None = "prices", service: str = "backend"
) -> dict[str, Any]:
    """An event of a replica."""
    event = {
        "kind": "replica",
        "t": f"2026-01-01T00:00:{second:02d}.000Z",
        "change": what,
        "service": service,
    }
    return event | ({"dependency": dependency} if dependency else {})


START = 1767225600.0


@pytest.mark.parametrize(
    ("events", "found"),
    [
        ([change(1, "appeared"), change(2, "ready")], []),
        ([change(5, "gone"), change(6, "appeared"), change(8, "ready")], [("prices", 5, 3.0)]),
        ([change(5, "gone"), change(6, "gone"), change(8, "ready")], [("prices", 5, 3.0)]),
        ([change(5, "gone")], [("prices", 5, None)]),
        ([change(5, "gone", None), change(8, "ready", None)], []),
        ([change(5, "gone", service="dependency"), change(8, "ready", service="dependency")], []),
        (
            [change(1, "gone"), change(2, "gone", "stock"), change(3, "ready", "stock"), change(4, "ready")],
            [("prices", 1, 3.0), ("stock", 2, 1.0)],
        ),
    ],
)
def test_a_proxy_is_away_from_its_end_until_it_is_ready_again(
    events: list[dict[str, Any]], found: list[tuple[str, int, float | None]]
) -> None:
    assert absences(events) == [Absence(name, START + second, lasted) for name, second, lasted in found]
