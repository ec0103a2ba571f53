"""Headless runs of real Locust processes against a real target, all side by side: they mostly wait."""

import csv
import re
from collections import Counter
from pathlib import Path

import pytest

from brownout_results.read.run_folder import Run
from brownout_results.record import SERVICE
from tests.loadtest.runs import Batch, Result, processes

STRANGERS = Path(__file__).with_name("strangers.py")

ANSWERS = "ok/open/fallback/error/http-500/html/tunnel/no-replica/reset/cut-short/silence"

SHOWN = {
    "open": "fallback: circuit-open",
    "fallback": "fallback: http-503",
    "error": "error: http-500",
    "http-500": "http 500",
    "html": "unexpected body",
    "tunnel": "tunnel",
    "no-replica": "no ready replica",
    "reset": "connection reset",
    "cut-short": "broken answer",
    "silence": "timeout",
}
"""What Locust's failure table shows for each answer but `ok`."""


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Result]:
    with Batch(tmp_path_factory.mktemp("headless")) as batch:
        mild = ["--shape=up-down", "--up-down-steps=3", "--count-as-failure=error"]
        batch.start("up and down", "-u6", "-t5", "--think-time=0.05", *mild, answers="ok/fallback/tunnel")
        batch.start("causes", "--arrival-rate=110", "-t2", "--request-timeout=0.4", answers=ANSWERS)
        batch.start("stall", "--arrival-rate=100", "-t3", stall=("1", "1"))
        batch.start("few users", "--arrival-rate=100", "-t2", "-u2", "--stop-timeout=1", stall=("1", "60"))
        batch.start("ramp", *processes(2), "--arrival-rate=200", "-t3", "--shape=ramp", stall=("2", "2"))
        batch.start("strangers", "--arrival-rate=60", "-t3", locustfile=STRANGERS)
        batch.start("strangers, closed", "-u4", "-r4", "-t2", locustfile=STRANGERS)
        return batch.results()


def failures(result: Result) -> dict[str, int]:
    """Locust's own failure table."""
    with (result.run.folder / "locust_failures.csv").open() as table:
        return {row["Error"]: int(row["Occurrences"]) for row in csv.DictReader(table)}


def totals(run: Run) -> Counter[str]:
    """Requests by outcome."""
    return Counter({outcome: int(counts.sum()) for outcome, counts in run.counts().items()})


def sent(run: Run) -> tuple[int, int, int]:
    """Offered, started and dropped arrivals."""
    return (
        sum(row.offered for row in run.load),
        sum(row.started for row in run.load),
        sum(row.dropped for row in run.load),
    )


def test_locusts_failure_table_names_each_cause_with_its_count(results: dict[str, Result]) -> None:
    result = results["causes"]
    given = result.log["given"]
    assert failures(result) == {SHOWN[name]: given[name] for name in given if name != "ok"}
    assert set(given) == set(SHOWN) | {"ok"}
    assert result.code == 1


def test_each_request_goes_out_once_even_if_its_connection_is_reset(results: dict[str, Result]) -> None:
    """geventhttpclient would repeat it up to 12 times, unseen."""
    result = results["causes"]
    assert len(result.log["asked"]) == sent(result.run)[1] == 220


def test_every_outcome_is_in_the_run_folder(results: dict[str, Result]) -> None:
    result = results["causes"]
    given = result.log["given"]
    assert totals(result.run) == {
        "ok": given["ok"],
        "fallback": given["open"] + given["fallback"],
        "tunnel": given["tunnel"],
        "error": 220 - given["ok"] - given["open"] - given["fallback"] - given["tunnel"],
    }


def test_what_counts_as_failure_for_locust_is_an_option(results: dict[str, Result]) -> None:
    """The outcomes stay what they are."""
    result = results["up and down"]
    assert result.code == 0
    assert failures(result) == {}
    assert min(totals(result.run)[kind] for kind in ("ok", "fallback", "tunnel")) > 5


def test_arrivals_come_when_due_while_the_service_stalls(results: dict[str, Result]) -> None:
    """300 in 3 s, and 100 of them in the second of the stall."""
    result = results["stall"]
    asked = result.log["asked"]
    assert len(asked) == 300
    stalled = [moment for moment in asked if 1 <= moment - asked[0] < 2]
    assert 90 <= len(stalled) <= 110
    assert sent(result.run) == (300, 300, 0)


def test_requests_that_arrive_in_a_stall_are_measured_to_its_end(results: dict[str, Result]) -> None:
    """A third of all, evenly spread over 0 s to 1 s: a tenth of all waits for 0.7 s and more."""
    histogram = results["stall"].run.histogram()
    assert histogram.count == 300
    assert 0.6e6 <= histogram.percentile_us(90) <= 0.9e6
    assert 0.9e6 <= histogram.max_us <= 1.3e6


def test_arrivals_that_find_no_idle_user_are_dropped_and_counted(results: dict[str, Result]) -> None:
    """Two users are stuck from the first second on."""
    result = results["few users"]
    offered, started, dropped = sent(result.run)
    assert offered == 200
    assert started == len(result.log["asked"])
    assert dropped == offered - started
    assert 90 <= dropped <= 130
    assert "2 users carry 100 requests per second only while answers take less than 20 ms" in result.output


def test_requests_without_an_answer_at_the_end_are_named(results: dict[str, Result]) -> None:
    result = results["few users"]
    assert "2 requests had no answer yet when the load ended; they are not counted" in result.output
    (ended,) = [event for event in result.run.events if event.get("action") == "ended"]
    assert ended["cut_off"] == 2
    assert result.run.manifest["requests"] == sent(result.run)[1] - 2


def test_in_closed_loop_the_users_follow_the_shape(results: dict[str, Result]) -> None:
    """Three levels up and two down, a second each, of 6 users, who may be stopped before their answer."""
    result = results["up and down"]
    run = result.run
    said = re.findall(r"Shape test updating to (\d+) users", result.output)
    assert [int(users) for users in said] == [2, 4, 6, 4, 2]
    assert max(row.users for row in run.load if row.users) == 6
    offered, started, _ = sent(run)
    assert offered == started
    assert 0 <= len(result.log["asked"]) - started <= 6
    assert run.manifest["how_ended"] == "completed"


def test_two_processes_send_what_one_would_and_follow_the_shape(results: dict[str, Result]) -> None:
    """200/s on a ramp of 3 s: 300 requests, more in each second than in the one before."""
    result = results["ramp"]
    assert len(result.log["asked"]) == 300
    assert sent(result.run) == (300, 300, 0)
    offered = Counter[int]()
    for row in result.run.load:
        offered[row.second] += row.offered
    *whole, _ = [offered[second] for second in sorted(offered) if offered[second]]
    assert whole == sorted(whole)
    assert max(whole) > 90
    assert result.run.manifest["load"]["workers"] == 2


def test_answers_after_the_end_are_waited_for_and_counted_on_workers_too(results: dict[str, Result]) -> None:
    """The target stalls until a second after the last arrival."""
    result = results["ramp"]
    assert result.code == 0
    assert totals(result.run) == {"ok": 300}
    assert result.run.manifest["requests"] == 300


def test_one_import_gives_a_strangers_locustfile_a_run_folder(results: dict[str, Result]) -> None:
    """With their own names, users and verdicts."""
    run = results["strangers, closed"].run
    assert set(run.endpoints) >= {("GET", "/login"), ("GET", "/look"), ("GET", "/pay"), ("GET", "/poll")}
    assert run.histogram(("GET", "/pay"), "error").count > 0
    assert run.histogram(("GET", "/pay"), "ok").count == 0
    assert run.histogram(("GET", "/poll"), "error").count == 0
    assert sum(totals(run).values()) == run.manifest["requests"]


def test_in_a_strangers_open_loop_one_arrival_is_one_task_however_nested(results: dict[str, Result]) -> None:
    """180 arrivals are 180 requests, beside those that the users send when they start."""
    result = results["strangers"]
    paths = result.log["paths"]
    assert sum(count for path, count in paths.items() if path != "/login") == 180
    assert sent(result.run) == (180, 180, 0)
    assert 60 <= paths["/poll"] <= 120  # both classes have the same weight
    assert min(paths["/look"], paths["/pay?amount=3"]) > 5
    assert result.run.histogram(("GET", "/login"), measure=SERVICE).count == paths["/login"] == 500
