"""Workers that fall silent are named, with the time from which nothing is known of them."""

from collections.abc import Iterator
from typing import Any

from brownout_loadtest.recorder.workers import Workers
from brownout_results.record.timestamps import iso

NOW = 1_700_000_000.0


def report(
    workers: Workers, name: str, now: float, requests: int = 5, *, idle: bool = False, skew: float = 0.0
) -> list[dict[str, Any]]:
    return [*workers.reported(name, now, clock=now + skew, requests=requests, idle=idle)]


def states(events: Iterator[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(event["worker"], event["state"]) for event in events]


def test_a_worker_that_stops_reporting_is_silent_once_and_may_return() -> None:
    workers = Workers()
    report(workers, "a", NOW)
    report(workers, "b", NOW)
    report(workers, "b", NOW + 3)

    assert [*workers.check(NOW + 3)] == []
    assert [*workers.check(NOW + 3.1)] == [
        {
            "worker": "a",
            "state": "silent",
            "requests": 5,
            "last_heard": iso(NOW),
            "unknown": "what it recorded after that",
        }
    ]
    assert [*workers.check(NOW + 5)] == []
    assert report(workers, "a", NOW + 5) == [{"worker": "a", "state": "returned", "requests": 10}]


def test_a_worker_that_never_reported_is_missed_too() -> None:
    workers = Workers()
    workers.expect("a", NOW)

    assert states(workers.check(NOW + 4)) == [("a", "silent")]


def test_the_end_names_the_workers_whose_last_report_is_missing() -> None:
    workers = Workers()
    report(workers, "a", NOW)
    report(workers, "b", NOW)
    assert not workers.all_finished
    report(workers, "a", NOW + 1, idle=True)
    assert not workers.all_finished
    assert states(workers.unfinished()) == [("b", "unfinished")]
    [*workers.check(NOW + 9)]
    assert workers.all_finished, "nobody waits for a silent worker"


def test_a_worker_that_is_slow_to_send_its_last_report_is_waited_for() -> None:
    workers = Workers()
    report(workers, "a", NOW)
    report(workers, "gone", NOW - 9)
    assert states(workers.check(NOW)) == [("gone", "silent")]
    workers.ending()
    assert [*workers.check(NOW + 4)] == []
    finished = [workers.all_finished]
    assert states(iter(report(workers, "a", NOW + 4.5, idle=True))) == [("a", "finished")]
    finished.append(workers.all_finished)
    assert finished == [False, True]
    assert states(workers.unfinished()) == [("gone", "unfinished")]


def test_a_worker_that_has_not_begun_yet_has_not_finished() -> None:
    workers = Workers()
    workers.expect("a", NOW)

    assert report(workers, "a", NOW, requests=0, idle=True) == []
    assert not workers.all_finished
    assert states(iter(report(workers, "a", NOW + 1))) == [("a", "reporting")]


def test_a_finished_worker_is_not_silent() -> None:
    workers = Workers()
    report(workers, "a", NOW)
    report(workers, "a", NOW + 1, idle=True)

    assert [*workers.check(NOW + 60)] == [*workers.unfinished()] == []


def test_a_workers_clock_that_is_off_is_told_once() -> None:
    workers = Workers()
    report(workers, "a", NOW)

    assert report(workers, "a", NOW + 1, skew=0.9) == []
    assert report(workers, "a", NOW + 2, skew=-90.0) == [{"worker": "a", "state": "clock off", "by_s": -90.0}]
    assert report(workers, "a", NOW + 3, skew=-90.0) == []


def test_the_summary_says_how_each_worker_ended_and_what_it_sent() -> None:
    workers = Workers()
    report(workers, "a", NOW)
    report(workers, "a", NOW + 1, requests=2, idle=True)

    assert workers.summary() == [
        {"worker": "a", "state": "finished", "last_heard": iso(NOW + 1), "requests": 7}
    ]


def test_reports_that_did_not_come_are_told_by_the_next_one_with_their_requests() -> None:
    workers = Workers()

    def sent(requests: int, sent: int, *, idle: bool = False) -> list[dict[str, Any]]:
        return [*workers.reported("a", NOW, clock=NOW, requests=requests, idle=idle, sent=sent)]

    sent(5, 5)
    assert sent(4, 12) == [{"worker": "a", "state": "reports lost", "requests": 3}]
    assert sent(1, 13) == []
    told = sent(0, 15, idle=True)
    assert [(one["state"], one["requests"]) for one in told] == [("finished", 10), ("reports lost", 2)]
    assert workers.lost == 5
