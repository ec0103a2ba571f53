"""Run folders are read in whatever state they are."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from brownout_results.read.run_folder import RunState, read
from brownout_results.record import LATENCY, SERVICE, RunFolderError
from tests.recorder.simulation import START, Hands, part, recording, run_for

SECONDS = 5
FILES = ("run.json", "latency.hlog", "load.csv", "samples.csv", "events.jsonl")
FETCH = ("GET", "/fetch")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A completed run of some seconds."""
    return run_for(tmp_path_factory.mktemp("runs") / "run", SECONDS)


def test_a_completed_run_is_read_without_problems(folder: Path) -> None:
    run = read(folder)

    assert run.problems == []
    assert run.state is RunState.ENDED
    assert run.ended_by_itself
    assert run.manifest["how_ended"] == "completed"
    assert run.manifest["requests"] == SECONDS * 11
    assert run.endpoints == [FETCH]
    assert run.outcomes == ["fallback", "ok"]
    assert run.seconds == range(int(START), int(START) + SECONDS)
    assert {name: counts.tolist() for name, counts in run.counts(FETCH).items()} == {
        "ok": [10] * SECONDS,
        "fallback": [1] * SECONDS,
    }
    assert [event["kind"] for event in run.events] == ["run-started", "run-ended"]


def test_load_and_samples_come_back_as_they_were_written(folder: Path) -> None:
    run = read(folder)

    assert run.load[1] == (int(START) + 1, 3, 1, 12, 11, 1, 0.04, 0.9, 0.9, 3)
    client, backend = run.samples[6:8]
    assert (client.second, client.circuit_state, client.took_ms) == (run.seconds[3], "closed", 1.5)
    assert (client.retries, client.in_flight) == (3, None)
    assert client.outcomes == {"ok": 30, "fallback": 3}
    assert (backend.problem, backend.requests, backend.injected) == ("timeout", None, {})


def test_histograms_are_of_the_part_of_the_run_that_is_asked_for(folder: Path) -> None:
    run = read(folder)

    assert run.histogram().count == SECONDS * 11
    assert run.histogram(outcome="fallback", start=START, end=int(START) + 3).count == 2
    assert run.histogram(("GET", "/other")).count == 0
    assert run.histogram(FETCH, "ok", SERVICE).max_us == run.histogram(FETCH, "ok", LATENCY).max_us == 19007


@pytest.mark.parametrize("name", FILES)
def test_a_folder_without_one_of_its_files_is_read_and_the_file_is_named(
    name: str, folder: Path, tmp_path: Path
) -> None:
    copy = shutil.copytree(folder, tmp_path / "copy")
    (copy / name).unlink()

    run = read(copy)

    assert [problem for problem in run.problems if name in problem] == run.problems != []
    assert (run.histogram().count == 0) == (name == "latency.hlog")
    assert run.state is (RunState.CUT_OFF if name == "run.json" else RunState.ENDED)


@pytest.mark.parametrize("name", FILES)
def test_a_file_cut_off_at_any_byte_costs_its_last_line_and_no_more(
    name: str, folder: Path, tmp_path: Path
) -> None:
    copy = shutil.copytree(folder, tmp_path / "copy")
    whole = (copy / name).read_bytes()
    full = sizes(copy)
    for length in range(0, len(whole), max(1, len(whole) // 40)):
        (copy / name).write_bytes(whole[:length])
        cut = sizes(copy)
        if name == "run.json":
            assert cut == full
        else:
            header_lines = {"latency.hlog": 4, "events.jsonl": 0}.get(name, 1)
            left = whole[: whole.rfind(b"\n", 0, length) + 1].splitlines()[header_lines:]
            assert cut[name] == sum(b",harness," not in line for line in left)  # these are no replicas'
            assert {**cut, name: 0} == {**full, name: 0}


def sizes(folder: Path) -> dict[str, int]:
    """How much of each file was read: lines, rows, events."""
    run = read(folder)
    return {
        "latency.hlog": len(run.intervals.second),
        "load.csv": len(run.load),
        "samples.csv": len(run.samples),
        "events.jsonl": len(run.events),
    }


@pytest.mark.parametrize("name", FILES[1:])
def test_lines_of_garbage_are_left_out_and_counted(name: str, folder: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(folder, tmp_path / "copy")
    full = sizes(copy)
    lines = (copy / name).read_bytes().splitlines(keepends=True)
    (copy / name).write_bytes(b"".join([*lines, b"\xff\xfe{]garbage,\n", b"Tag=a|b,1,1,1,xyz\n"]))

    assert sizes(copy) == full
    assert read(copy).problems == [f"{name}: 2 lines can't be read, the first is line {len(lines) + 1}"]


def test_a_series_of_which_no_line_can_be_read_is_none(folder: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(folder, tmp_path / "copy")
    lines = (copy / "latency.hlog").read_text().splitlines(keepends=True)
    lines.insert(4, "Tag=ok|latency|GET|/new,1,1,1,xyz\n")
    (copy / "latency.hlog").write_text("".join(lines))

    assert read(copy).intervals.series == read(folder).intervals.series


def test_columns_are_found_by_their_names(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "load.csv").write_text("started,new,dropped,offered,second\n7,x,1,8,100\n")

    (row,) = read(tmp_path).load

    assert (row.second, row.started, row.dropped, row.offered, row.users) == (100, 7, 1, 8, None)


NOT_RUN_FOLDERS: dict[str, Callable[[Path], object]] = {
    "nothing": lambda _: None,
    "an empty folder": lambda path: path.mkdir(),
    "a file": lambda path: path.write_text(""),
}


@pytest.mark.parametrize("kind", NOT_RUN_FOLDERS)
def test_what_is_no_run_folder_is_refused(kind: str, tmp_path: Path) -> None:
    NOT_RUN_FOLDERS[kind](tmp_path / "thing")

    with pytest.raises(RunFolderError, match=r'thing" is not a run folder: it has none of run.json'):
        read(tmp_path / "thing")


def test_a_run_is_running_as_long_as_its_writer_holds_it_and_cut_off_once_it_is_gone(tmp_path: Path) -> None:
    hands = Hands()
    with recording(tmp_path / "run", hands) as made:
        made.add([part(0)], {})
        hands.turn(1)
        made.tick({})
        running = read(tmp_path / "run")
        copy = shutil.copytree(tmp_path / "run", tmp_path / "copy")

    assert (running.state, running.ended_by_itself, running.histogram().count) == (RunState.RUNNING, None, 1)
    assert (read(copy).state, read(copy).ended_by_itself) == (RunState.CUT_OFF, False)
    assert read(tmp_path / "run").ended_by_itself
