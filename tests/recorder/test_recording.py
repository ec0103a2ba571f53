"""A recording: what several processes report becomes one run folder, each second when it is over."""

import gc
import json
import logging
import os
import tracemalloc
from pathlib import Path

import pytest

from brownout_loadtest.recorder.progress import ProgressPipe
from brownout_loadtest.recorder.recording import Recording
from brownout_loadtest.recorder.report import WorkerReport
from brownout_loadtest.recorder.tally import SecondTally
from brownout_results.read.run_folder import Run, read
from brownout_results.record import Histogram
from tests.recorder.simulation import FALLBACK, FETCH, START, Hands, load, part, recording, report
from tests.results.record.test_files import no_file_longer_than

SECOND = int(START)


def lines(folder: Path) -> list[str]:
    """The intervals in the log, without their payloads."""
    text = (folder / "latency.hlog").read_text("utf-8")
    return [line.rsplit(",", 1)[0] for line in text.splitlines() if line.startswith("Tag=ok|latency")]


def kinds(run: Run) -> list[str]:
    return [event["kind"] for event in run.events]


def travelled(sent: WorkerReport) -> WorkerReport:
    """The report, after its way through Locust's messages."""
    import msgpack  # type: ignore[import-untyped]  # Locust's own

    return WorkerReport.unpacked(msgpack.loads(msgpack.dumps(sent.packed()), strict_map_key=False))


def test_workers_reports_become_one_line_a_second_without_loss(tmp_path: Path) -> None:
    hands = Hands()
    with recording(tmp_path / "run", hands) as made:
        for worker in ("a", "b"):
            sent = [part(0, FETCH, [1, 2, 3], wait_ms=100), part(0, FALLBACK, [7]), part(1, FETCH, [9])]
            made.add_report(worker, travelled(report(sent, clock=hands.wall)))
        hands.turn(1)
        made.tick({})
        assert lines(tmp_path / "run") == [f"Tag=ok|latency|GET|/fetch,{SECOND}.000,1.000,103.039"]
        hands.turn(1)
        made.tick({})

    run = read(tmp_path / "run")
    assert len(lines(tmp_path / "run")) == 2
    assert run.histogram(outcome="ok").count == 8
    assert run.histogram(outcome="fallback").count == 2
    whole = Histogram.of([1000, 2000, 3000] * 2 + [9000] * 2)
    service = run.histogram(outcome="ok", measure="service")
    assert (service.buckets.tolist(), service.counts.tolist()) == (
        whole.buckets.tolist(),
        whole.counts.tolist(),
    )


def test_a_late_report_gets_lines_of_its_own_that_add_up(tmp_path: Path) -> None:
    hands = Hands()
    with recording(tmp_path / "run", hands) as made:
        for _ in range(3):
            made.add_report("a", report([part(0)], clock=hands.wall))
            hands.turn(1)
            made.tick({})

    run = read(tmp_path / "run")
    assert len(lines(tmp_path / "run")) == 3
    assert run.counts()["ok"].tolist()[0] == 3
    assert [(row.second - SECOND, row.users, row.started) for row in run.load] == [
        (0, 3, 1),
        (0, None, 1),
        (1, 3, 0),
        (0, None, 1),
        (2, 3, 0),
    ]


def test_a_worker_whose_clock_is_ahead_does_not_keep_its_requests_from_being_written(tmp_path: Path) -> None:
    hands = Hands()
    with recording(tmp_path / "run", hands) as made:
        made.add_report("ahead", report([part(3600)], clock=hands.wall + 3600))
        hands.turn(1)
        made.tick({})
        run = read(tmp_path / "run")

    assert run.histogram().count == 1
    assert [event["by_s"] for event in run.events if event.get("state") == "clock off"] == [3600]


def test_seconds_that_a_late_tick_finds_over_are_all_written(tmp_path: Path) -> None:
    hands = Hands()
    with recording(tmp_path / "run", hands) as made:
        made.add([part(second) for second in range(4)], {SECOND + 2: load(5)})
        hands.turn(4)
        made.tick({})
        run = read(tmp_path / "run")

    assert run.histogram().count == 4
    assert [(row.second - SECOND, row.offered) for row in run.load] == [(0, 0), (1, 0), (2, 5), (3, 0)]


def test_the_end_writes_the_second_that_is_not_over(tmp_path: Path) -> None:
    hands = Hands()
    with recording(tmp_path / "run", hands) as made:
        made.add([part(0)._replace(untimed=2)], {SECOND: load(1)})

    run = read(tmp_path / "run")
    assert run.histogram().count == 1
    assert run.counts()["ok"].tolist() == [3]
    assert [row.users for row in run.load] == [3]
    assert (run.manifest["requests"], run.manifest["untimed"]) == (3, 2)


def test_a_step_of_the_wall_clock_is_an_event_and_the_axis_goes_on(tmp_path: Path) -> None:
    hands = Hands()
    with recording(tmp_path / "run", hands) as made:
        hands.turn(1)
        hands.wall -= 600
        made.tick({})
        hands.turn(1)
        made.tick({})

    run = read(tmp_path / "run")
    assert [event["by_s"] for event in run.events if event["kind"] == "clock-step"] == [-600]
    assert [row.second - SECOND for row in run.load] == [0, 1]
    assert [event["mono"] for event in run.events] == sorted(event["mono"] for event in run.events)
    assert [event["t"] for event in run.events] == sorted(event["t"] for event in run.events)


def test_a_full_disk_is_told_once_costs_nothing_and_is_told_when_it_is_over(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    hands = Hands()
    with caplog.at_level(logging.WARNING), recording(tmp_path / "run", hands) as made:
        with no_file_longer_than(400):
            for second in range(5):
                made.add([part(second)], {})
                hands.turn(1)
                made.tick({})
            assert "can't be written: File too large" in caplog.text
            said = len(caplog.records)
            hands.turn(1)
            made.tick({})
            assert len(caplog.records) == said
            assert read(tmp_path / "run").problems == []
        hands.turn(1)
        made.tick({})

    run = read(tmp_path / "run")
    assert run.histogram().count == 5
    assert [row.second - SECOND for row in run.load] == [*range(7)]
    writing = [(event["file"], event["state"]) for event in run.events if event["kind"] == "writing"]
    assert ("latency.hlog", "failing") in writing
    assert ("latency.hlog", "written again") in writing
    assert run.manifest["not_written"] == {}


def test_a_disk_that_is_full_to_the_end_does_not_keep_the_run_from_ending(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    label = "x" * 300  # run.json is longer than the limit once it says how the run ended
    with no_file_longer_than(480), recording(tmp_path / "run", Hands(), label=label) as made:
        for second in range(5):
            made.add([part(second)], {})

    assert "run.json" in caplog.text
    run = read(tmp_path / "run")
    assert run.ended_by_itself is False
    assert run.problems == []


def test_progress_is_of_the_last_seconds(tmp_path: Path) -> None:
    hands = Hands()
    reader, writer = os.pipe()
    with open(reader) as progress, recording(tmp_path / "run", hands, ProgressPipe(writer)) as made:
        for second in range(5):
            made.add([part(second, FETCH, [10] * 8, wait_ms=5), part(second, FALLBACK, [1] * 2)], {})
            made.add([], {SECOND + second: load(10, dropped=2)})
            hands.turn(1)
            made.tick({"client-0": "open"})
        first, *_, last = [json.loads(progress.readline()) for _ in range(6)]
    os.close(writer)

    assert first == {"folder": str(tmp_path / "run")}
    assert last == {
        "t": SECOND + 5,
        "elapsed_s": 4.75,
        "users": 3,
        "workers": 1,
        "offered": 12.0,
        "throughput": 10.0,
        "goodput": 8.0,
        "p50_ms": 15.007,
        "p95_ms": 15.007,
        "p99_ms": 15.007,
        "outcomes": {"fallback": 10, "ok": 40},
        "dropped": 10,
        "breakers": {"client-0": "open"},
    }


def test_a_parent_that_does_not_read_or_is_gone_costs_no_load(tmp_path: Path) -> None:
    hands = Hands()
    reader, writer = os.pipe()
    pipe = ProgressPipe(writer)
    for _ in range(1000):
        pipe.send({"filler": "x" * 1000})  # far more than a pipe holds
    os.close(reader)
    with recording(tmp_path / "run", hands, pipe) as made:
        hands.turn(1)
        made.tick({})
    os.close(writer)

    assert kinds(read(tmp_path / "run")) == ["run-started", "run-ended"]


def simulate_seconds(made: Recording, hands: Hands, seconds: range, endpoints: int) -> None:
    for second in seconds:
        made.add([part(second, ("ok", "GET", f"/{name}"), range(1, 20)) for name in range(endpoints)], {})
        made.add([], {SECOND + second: load(19 * endpoints)})
        hands.turn(1)
        made.tick({})


def test_memory_is_flat_however_long_the_run(tmp_path: Path) -> None:
    hands = Hands()
    with recording(tmp_path / "run", hands) as made:
        tracemalloc.start()
        simulate_seconds(made, hands, range(20), endpoints=4)
        gc.collect()
        early, _ = tracemalloc.get_traced_memory()
        simulate_seconds(made, hands, range(20, 60), endpoints=4)
        gc.collect()
        late, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()

    # Beside the 10 %, something for caches: little is kept at all, and a leak would be 40 seconds' records.
    assert late <= early * 1.1 + 8_000
    assert read(tmp_path / "run").histogram().count == 60 * 4 * 19


def test_reports_survive_the_journey_between_processes() -> None:
    sent = report([part(0, FETCH, [1, 2]), part(1, FALLBACK, [3])], clock=5.5, idle=True, unrecorded=4)

    got = travelled(sent)

    assert (got.clock, got.idle, got.unrecorded, got.requests) == (5.5, True, 4, 7)
    assert dict(got.load) == dict(sent.load)
    assert [plain(one) for one in got.parts] == [plain(one) for one in sent.parts]


def plain(one: SecondTally) -> tuple[object, ...]:
    return one.second, one.key, *(array.tolist() for array in (one.latency.buckets, one.latency.counts))
