"""A replica that stood still or gave no answer is told, and is the target's: it is in every figure."""

from collections.abc import Iterable
from pathlib import Path

import pytest

from brownout_results.measure.harness import harness_share, sentences, stalls
from brownout_results.measure.validity import why_no_result
from brownout_results.record.event_log import event_line
from brownout_results.record.table_rows import Sample
from brownout_results.record.timestamps import iso
from brownout_results.report.run_report import report_of_run
from tests.results.folders import START, sample
from tests.results.measure.minutes import SECONDS, busy, left_out, run_with, stall


def replica_stall(since: float, seconds: float) -> str:
    """The event of a replica of the service that stood still."""
    fields = {"process": "client-0", "since": iso(START + since), "seconds": seconds, "service": "client"}
    return event_line("stall", START + since + seconds, since + seconds, fields)


def test_a_replica_that_stood_still_is_the_targets_and_in_every_figure(tmp_path: Path) -> None:
    run = run_with(tmp_path / "run", replica_stall(20.5, 3.0), slow=[23])

    assert (left_out(run), harness_share(run), stalls(run), why_no_result(run)) == ([], 0.0, [], None)
    assert sentences(run) == [
        "The replica client-0 stood still for 3.0 s: that is the target's, and in the figures."
    ]
    (timeline, *_) = report_of_run(run, "now").charts
    assert [trace.y[0] for trace in timeline.views[""].data if trace.name == "stalled"] == ["client-0"]


@pytest.mark.parametrize("other", [busy(19, 3.0), stall(21.0, 2.0), stall(22.0, 2.0, "load generator")])
def test_whose_doing_it_is_can_not_be_told_if_others_had_no_time_either(other: str, tmp_path: Path) -> None:
    run = run_with(tmp_path / "run", replica_stall(20.5, 3.0), other)

    assert sentences(run)[-1].startswith("The replica client-0 stood still for 3.0 s")
    assert sentences(run)[-1].endswith("so that it can't be told whose doing that is.")


def silent(seconds: Iterable[int], problem: str = "timeout") -> list[Sample]:
    """A replica that gave no answer in these seconds, beside one that always did."""
    silent = {*seconds}
    return [
        sample(second, None, None)._replace(problem=problem) if second in silent else sample(second, 10, 10)
        for second in range(SECONDS)
    ] + [sample(second, 10, 10, "client-1") for second in range(SECONDS)]


@pytest.mark.parametrize(
    ("samples", "told"),
    [
        (silent([20, 21, 22, 30]), ["client-0 did not answer for 3 s"]),
        (silent(range(20, SECONDS)), ["client-0 did not answer for 40 s"]),  # stopped for good
        (silent([20, 21, 23, 24]), []),
        (silent(range(20, 30), "connection refused"), []),  # killed, which has events of its own
        (silent(range(SECONDS), "http 404"), []),  # a service that has no counters
    ],
)
def test_a_replica_that_does_not_answer_for_long_has_a_word(
    samples: list[Sample], told: list[str], tmp_path: Path
) -> None:
    run = run_with(tmp_path / "run", samples=samples)

    assert [sentence.split(" when ")[0] for sentence in sentences(run)] == [
        f"The replica {one}" for one in told
    ]
    assert all("that is the target's" in sentence for sentence in sentences(run))
    assert (left_out(run), why_no_result(run)) == ([], None)


def test_a_replica_that_told_that_it_stood_still_is_told_once(tmp_path: Path) -> None:
    run = run_with(tmp_path / "run", replica_stall(19.5, 4.0), samples=silent([20, 21, 22]))

    assert [sentence.split(":")[0] for sentence in sentences(run)] == [
        "The replica client-0 stood still for 4.0 s"
    ]
