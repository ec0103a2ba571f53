"""`brownout report`, of run folders and of Locust's own files."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from brownout.cli import cli
from brownout_results.record.event_log import hold
from brownout_terms.exits import Exit
from tests.results.folders import Answers, make, open_load
from tests.results.read.locust_csv.files import stats
from tests.results.report.runs import eventful

REAL = Path(__file__).parents[1] / "results" / "read" / "locust_csv" / "real"
FILES = {"report.html", "summary.json", "junit.xml", "summary.md"}


def report(*arguments: str | Path) -> Result:
    return CliRunner().invoke(cli, ["report", *map(str, arguments)])


def summary(folder: Path) -> dict[str, object]:
    (run,) = json.loads((folder / "summary.json").read_text("utf-8"))["runs"]
    assert isinstance(run, dict)
    return run


def test_locust_s_files_get_a_report_beside_them_with_what_can_t_be_known(tmp_path: Path) -> None:
    (tmp_path / "load_stats.csv").write_text(stats([("/a", 5, 1), ("", 5, 1)]))

    done = report(tmp_path / "load_stats.csv")

    assert done.exit_code == 0, done.output
    assert done.output.startswith("Of 5 requests, 80.00 % succeeded")
    assert {path.name for path in (tmp_path / "load-report").iterdir()} == FILES
    assert "There is no history" in (tmp_path / "load-report" / "report.html").read_text("utf-8")


@pytest.mark.parametrize("options", [("--phase", "fault=4..7s"), ("--skip", "3s"), ("--cut-ramp-up",)])
def test_a_part_of_either_kind_of_run_can_be_asked_for(options: Sequence[str], tmp_path: Path) -> None:
    eventful(tmp_path / "run")
    whole = {"files": 322, "run": 400}

    for name, path in {"files": REAL / "2.47.0-full", "run": tmp_path / "run"}.items():
        done = report(path, "--out", tmp_path / name, *options)
        assert done.exit_code == 0, done.output
        requests = summary(tmp_path / name)["requests"]
        assert isinstance(requests, int)
        assert (requests < whole[name]) == (
            options[0] == "--skip" or (options[0], name) == ("--cut-ramp-up", "files")
        )
        assert ("fault" in (tmp_path / name / "summary.md").read_text("utf-8")) or options[0] != "--phase"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["nothing-there"], r'There is no "nothing-there", and no "nothing-there_stats.csv" either'),
        ([REAL / "2.47.0-full", "--phase", "late=90..99"], 'The phase "late" begins at 90 s'),
        ([REAL / "2.47.0-full", "--phase", "late"], "such as baseline=0..30"),
        ([REAL / "2.47.0-full", "--skip", "1d"], "allowed: 20, 2.5s"),
        (
            [REAL / "2.47.0-full", "--skip", "99"],
            "99 s are to be left out, but the run has only 12 s",
        ),
        ([REAL / "0.9.0", "--phase", "a=0..1"], "it has no history"),
        ([REAL / "README.md"], "is not a CSV file of Locust's"),
    ],
)
def test_what_can_t_be_done_is_a_usage_error_in_a_sentence(
    arguments: Sequence[str | Path], told: str, tmp_path: Path
) -> None:
    done = report(*arguments, "--out", tmp_path / "out")

    assert done.exit_code == 2
    assert told in re.sub(r"\s+", " ", done.output)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("name", ["empty-2.47.0", "empty-0.12.2"])
def test_files_without_a_request_are_an_invalid_run(name: str, tmp_path: Path) -> None:
    done = report(REAL / name, "--out", tmp_path / "out")

    assert done.exit_code == 3
    assert "invalid" in done.output
    assert summary(tmp_path / "out")["requests"] == 0


@pytest.mark.parametrize(("word", "code"), [("passed", 0), ("deviated", 4), ("failed", 5), ("aborted", 130)])
def test_the_exit_code_is_that_of_the_run_s_experiment_too(word: str, code: int, tmp_path: Path) -> None:
    folder = eventful(tmp_path / "run").folder
    (folder / "verdict.json").write_text(
        json.dumps({"word": word, "reason": "it was", "experiment": "Users"})
    )

    done = report(folder)

    assert done.exit_code == code, done.output
    assert json.loads((folder / "summary.json").read_text("utf-8"))["passed"] is (code == 0)
    assert (f"experiment {word}: it was" in done.output) is (code != 0)


def test_what_was_left_out_is_said(tmp_path: Path) -> None:
    folder = eventful(tmp_path / "run").folder

    report(folder, "--skip", "5s", "--phase", "late=20..30")

    told = json.loads((folder / "summary.json").read_text("utf-8"))["notices"]
    assert "The first 5 s are left out, as requested." in told
    assert "The phases are those that were requested, not those that were marked." in told


def test_a_run_that_goes_on_gets_the_figures_so_far_and_says_so(tmp_path: Path) -> None:
    folder = eventful(tmp_path / "run").folder
    manifest = json.loads((folder / "run.json").read_text())
    (folder / "run.json").write_text(json.dumps(manifest | {"ended": None, "how_ended": None}))
    with (folder / "events.jsonl").open("a") as writer:
        hold(writer.fileno())
        (folder / "verdict.json").write_text('{"word": "aborted", "reason": "it was killed"}')
        done = report(folder, "--out", tmp_path / "out")
        pinned = CliRunner().invoke(cli, ["pin", str(folder), str(tmp_path / "baseline.json")])

    assert done.exit_code == 0, done.output
    assert (pinned.exit_code, "is still going on" in pinned.output) == (Exit.UNABLE, True)
    assert summary(tmp_path / "out")["experiment"] is None
    assert summary(tmp_path / "out")["state"] == "running"
    assert "The run is still going on" in (tmp_path / "out" / "report.html").read_text("utf-8")


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (
            lambda folder: cut(folder / "latency.hlog"),
            r"the run had 400 requests, and latency.hlog has \d+ of",
        ),
        (lambda folder: (folder / "latency.hlog").unlink(), "latency.hlog has 0 of them"),
        (lambda folder: (folder / "run.json").unlink(), "run.json is missing or damaged"),
    ],
)
def test_a_run_whose_record_is_not_whole_is_invalid_and_says_what_is_missing(
    damage: Callable[[Path], object], reason: str, tmp_path: Path
) -> None:
    folder = eventful(tmp_path / "run").folder
    manifest = json.loads((folder / "run.json").read_text())
    (folder / "run.json").write_text(json.dumps(manifest | {"requests": 400}))
    damage(folder)

    done = report(folder)

    assert done.exit_code == 3
    assert re.search(f"invalid: .*{reason}", done.output)
    assert re.search(f"The run is invalid: .*{reason}", (folder / "report.html").read_text("utf-8"))


def cut(path: Path) -> None:
    """As by a full disk."""
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])


def test_a_run_with_one_request_and_one_in_which_all_failed_make_a_report(tmp_path: Path) -> None:
    rows = [open_load(second, 1) for second in range(3)]
    ended = {"format": 1, "ended": "2023-11-14T22:14:00.000Z"}
    make(tmp_path / "one", [Answers(1, [10])], rows[1:2], manifest=ended)
    make(tmp_path / "bad", [Answers(second, [10], "error") for second in range(3)], rows, manifest=ended)

    assert report(tmp_path / "one").output.startswith("Of 1 request")
    assert report(tmp_path / "bad").output.startswith("Of 3 requests, 0.00 % succeeded")
    assert {path.name for path in (tmp_path / "one").iterdir()} >= FILES


def test_a_report_that_can_t_be_written_says_where_else(tmp_path: Path) -> None:
    eventful(tmp_path / "run")
    (tmp_path / "file").write_text("")

    done = report(tmp_path / "run", "--out", tmp_path / "file" / "out")

    assert done.exit_code != 0
    assert "Name another with --out DIR" in done.output
    assert not (tmp_path / "run" / "report.html").exists()
