"""Breakers and retries of a service of the user's, as the report measures them."""

from pathlib import Path
from typing import Any

import pytest

from brownout_results.measure.amplification import grown, retry_amplification
from brownout_results.measure.recovery import detections
from brownout_results.measure.timeline import BreakerPeriod, FaultPeriod, lanes
from brownout_results.record import Sample
from brownout_results.record.table_rows import forwarder_sample
from brownout_results.record.timestamps import iso
from tests.results.folders import START, make, sample

FAULT = FaultPeriod(10.0, 20.0, "100 % errors 503")


def event(moment: float, kind: str, **fields: Any) -> dict[str, Any]:
    """An event of the timeline about a replica, so many seconds after the start."""
    return {"t": iso(START + moment), "mono": moment, "kind": kind, "replica": "shop-0", **fields}


def change(moment: float, to: str, **fields: Any) -> dict[str, Any]:
    """A breaker's transition; told when it took place."""
    told = {"boot_id": "a", "seq": 1, "at": iso(START + moment), "from": "closed", "to": to, "cause": ""}
    return event(moment, "breaker", breaker="prices", **told, **fields)


def test_each_breaker_of_a_replica_has_a_lane_also_where_it_never_changes() -> None:
    """A breaker that stays closed is known to."""
    events = [
        event(1.0, "breaker-found", breaker="prices", state="closed"),
        event(1.0, "breaker-found", breaker="stock", state="closed"),
        change(12.0, "open", uncertain_s=0.5),
    ]
    assert lanes(events, [], START, 30.0) == {
        "shop-0 prices": [BreakerPeriod(1.0, 12.0, "closed"), BreakerPeriod(12.0, 30.0, "open", 0.5)],
        "shop-0 stock": [BreakerPeriod(1.0, 30.0, "closed")],
    }


def test_a_breaker_of_a_replica_that_is_gone_is_unknown_until_its_next_life() -> None:
    """What it did before it ended stays known."""
    events = [
        event(1.0, "breaker-found", breaker="prices", state="closed"),
        event(5.0, "replica", change="gone"),
        event(9.0, "breaker-found", breaker="prices", state="open"),
    ]
    assert lanes(events, [], START, 12.0)["shop-0 prices"] == [
        BreakerPeriod(1.0, 5.0, "closed"),
        BreakerPeriod(5.0, 9.0, "unknown"),
        BreakerPeriod(9.0, 12.0, "open"),
    ]


@pytest.mark.parametrize(
    ("opened", "uncertain_s", "expected"),
    [(12.0, 0.0, [2.0]), (9.8, 0.5, [0.0]), (9.8, 0.1, []), (9.8, 0.0, []), (20.5, 0.5, [])],
)
def test_an_opening_that_may_have_followed_the_fault_is_its_detection(
    opened: float, uncertain_s: float, expected: list[float]
) -> None:
    """A moment between two polls may be put before the start of a fault that caused it."""
    states = {"shop-0 prices": [BreakerPeriod(opened, 30.0, "open", uncertain_s)]}
    assert detections(states, [FAULT]) == pytest.approx(expected)


def proxy(second: int, requests: int, name: str = "prices") -> Sample:
    """What a fault proxy has passed on."""
    return sample(second, requests, None, replica=name)._replace(service="backend")


def test_amplification_is_attempts_at_the_proxies_over_requests_at_the_service(tmp_path: Path) -> None:
    """Two dependencies, of which each request asks both, and one of them twice."""
    samples = [
        one
        for second in range(4)
        for one in (
            forwarder_sample(START + second, "client", 50 + second * 10, 0, 0),
            proxy(second, second * 20),
            proxy(second, second * 10, "stock"),
        )
    ]
    run = make(tmp_path / "run", samples=samples)
    assert retry_amplification(run.samples, [range(START, START + 3)], run.forwarders) == 3.0
    requests, attempts = grown(run.samples, range(START, START + 3), run.forwarders)
    assert (requests.tolist(), attempts.tolist()) == ([10.0] * 3, [30.0] * 3)


def test_amplification_is_what_clients_count_where_they_do(tmp_path: Path) -> None:
    """The lab's backends have other requests as well."""
    samples = [one for second in range(3) for one in (sample(second, second, second * 2), proxy(second, 0))]
    samples += [forwarder_sample(START + second, "client", second, 0, 0) for second in range(3)]
    run = make(tmp_path / "run", samples=samples)
    assert retry_amplification(run.samples, [range(START, START + 2)], run.forwarders) == 2.0


def test_amplification_is_unknown_without_proxies(tmp_path: Path) -> None:
    """Requests at the service alone say nothing of attempts."""
    samples = [forwarder_sample(START + second, "client", second, 0, 0) for second in range(3)]
    run = make(tmp_path / "run", samples=samples)
    assert retry_amplification(run.samples, [range(START, START + 2)], run.forwarders) is None
