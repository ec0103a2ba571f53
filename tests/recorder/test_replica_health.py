"""What replicas tell of their loops becomes figures of a second, and an event for each long stall."""

from typing import Any

import pytest

from brownout_loadtest.recorder.replica_health import ReplicaHealths
from brownout_results.record.timestamps import iso

SINCE = 1_000.0


def told(stalled_ms: float, cpu_ms: float, *stalls: tuple[int, float]) -> dict[str, Any]:
    """The `health` of a status; of each stall its number and when it began."""
    numbered = [{"number": number, "at": at, "seconds": 0.5} for number, at in stalls]
    return {"stalled_ms": stalled_ms, "cpu_ms": cpu_ms, "descriptors_free": 90, "stalls": numbered}


def test_counters_become_what_they_grew_by_in_one_life_of_a_replica() -> None:
    healths = ReplicaHealths(SINCE, lambda _: None)
    first, second, restarted = (
        healths.take("client", "client-0", boot, told(*counts))
        for boot, counts in (("a", (10.0, 100.0)), ("a", (70.0, 130.0)), ("b", (1.0, 5.0)))
    )

    assert first == restarted == {"descriptors_free": 90}
    assert second == {"stalled_ms": 60.0, "cpu_ms": 30.0, "descriptors_free": 90}


def test_each_stall_during_the_run_is_noted_once_as_the_targets() -> None:
    noted: list[dict[str, Any]] = []
    healths = ReplicaHealths(SINCE, noted.append)
    stalls = [(1, SINCE - 5), (2, SINCE + 5)]
    for _ in range(2):
        healths.take("client", "client-0", "a", told(1000.0, 1.0, *stalls))
    healths.take("client", "client-0", "a", told(1500.0, 1.0, *stalls, (3, SINCE + 9)))

    assert noted == [
        {"process": "client-0", "since": iso(SINCE + at), "seconds": 0.5, "service": "client"}
        for at in (5, 9)
    ]


@pytest.mark.parametrize("health", [None, "well", {"status": "UP"}, {"cpu_ms": "much", "stalled_ms": 0}, [1]])
def test_a_health_of_another_shape_is_no_figure(health: object) -> None:
    assert ReplicaHealths(SINCE, lambda _: None).take("web", "web-0", "", health) == {}
