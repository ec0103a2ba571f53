"""Conditions that end a load early."""

import sys
from pathlib import Path

import msgspec
import pytest
import requests

from brownout_loadtest.aborts import AbortError, AbortWatch, parse_abort
from brownout_panel.measures import Calls, RecordedSecond
from brownout_panel.model import Second
from brownout_results.record import Histogram
from tests.commands.cli import started
from tests.loadtest.runs import Batch, processes
from tests.servers import serve


def second(ok: int = 0, error: int = 0, fallback: int = 0, us: int = 10_000) -> RecordedSecond:
    requests = ok + error + fallback
    fields = {"t": 1, "users": 1, "offered": 9, "throughput": requests, "goodput": ok, "tunnel": 0}
    fields |= {"ok": ok, "error": error, "fallback": fallback}
    unknown = dict.fromkeys(("p50_ms", "p95_ms", "p99_ms", "amplification"))
    return RecordedSecond(
        msgspec.convert({**fields, **unknown}, Second), Histogram.of([us] * requests), Calls()
    )


BAD, GOOD, SILENT = second(1, 9), second(9, 1), second()


@pytest.mark.parametrize(
    ("text", "seconds", "ends_at"),
    [
        ("availability < 50% for 3s", [BAD, BAD, BAD, GOOD], 3),
        ("availability < 50% for 3s", [BAD, BAD, GOOD, BAD, BAD], None),
        ("ok_ratio<50% for 2s", [BAD, SILENT, BAD], 3),
        ("ok_ratio < 0.1 for 1s", [BAD], None),
        ("degraded_ratio <= 50% for 1s", [second(1, 4, 5), second(1, 5, 4)], 2),
        ("p95 > 2s for 2s", [second(5, us=3_000_000)] * 2, 2),
        ("p95 > 2s for 2s", [second(5, us=1_000_000)] * 5, None),
        ("goodput < 1/s for 2s", [SILENT, SILENT], 2),
        ("error_ratio >= 90%", [BAD] * 10, 10),
    ],
)
def test_a_load_ends_when_a_condition_has_held_long_enough(
    text: str, seconds: list[RecordedSecond], ends_at: int | None
) -> None:
    """A condition ends the load once it has held for its seconds in a row, and says so once."""
    told: list[str] = []
    watch = AbortWatch([parse_abort(text)], lambda _, reason: told.append(reason))
    ended = []
    for row in seconds:
        watch.add(row)
        ended.append(len(told))
    assert ended == [int(ends_at is not None and number >= ends_at) for number in range(1, len(seconds) + 1)]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("availability", "is no condition"),
        ("availability < 50% for", "is not a share"),
        ("availability < 150% for 1s", '"150%" is not a share'),
        ("availabilty < 50%", '"availabilty" is not a metric that can end a load'),
        ("availability < 50% for 0.5s", "whole seconds"),
        ("p95 > fast", '"fast" is not a duration'),
        ("goodput < 5ms", '"5ms" is no number of goodput'),
        ("p95 == 5ms", "is no condition"),
    ],
)
def test_a_condition_that_can_not_be_meant_is_refused(text: str, told: str) -> None:
    """A condition that makes no sense is refused with what is wrong and what is allowed."""
    with pytest.raises(AbortError) as refused:
        parse_abort(text)
    assert told in str(refused.value)


@pytest.mark.slow
def test_a_run_that_ends_early_says_when_and_why(tmp_path: Path) -> None:
    """`brownout run --abort` ends the load at once, exits with 1, and the report says when and why."""
    with serve([sys.executable, "-m", "tests.loadtest.target", "{fd}"], ready="/log") as server:
        requests.put(f"{server.url}/answers/ok/http-500/http-500/http-500", timeout=5)
        options = ("--target", server.url, "--users", "4", "--run-time", "40s")
        with started("run", *options, "--abort", "availability < 50% for 2s", cwd=tmp_path) as command:
            assert command.wait() == 1, command.output
    assert 'ended early: "availability < 50% for 2s" held' in " ".join(command.output.split())
    (folder,) = (tmp_path / "results" / "runs").glob("*/run.json")
    manifest = folder.read_text()
    assert '"how_ended": "aborted"' in manifest
    assert "s after its start" in (folder.parent / "summary.md").read_text()


@pytest.mark.slow
def test_a_condition_ends_workers_too_and_locust_exits_with_1(tmp_path: Path) -> None:
    """Plain Locust with workers ends early and fails; one with a condition that does not hold goes on."""
    with Batch(tmp_path) as batch:
        abort = "--abort=error_ratio > 90% for 2s"
        batch.start("workers", "-u4", "-r9", "-t30", abort, *processes(2), answers="http-500")
        batch.start("calm", "-u4", "-r9", "-t3", abort)
        results = batch.results()
    assert (results["workers"].code, results["calm"].code) == (1, 0)
    assert results["workers"].run.manifest["how_ended"] == "aborted"
    assert results["calm"].run.manifest["how_ended"] == "completed"
