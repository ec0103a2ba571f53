"""What makes runs incomparable, and what doesn't."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from brownout_results.judge.comparable import differing, label, refusal
from brownout_results.measure.facts import Facts, folder_facts
from brownout_results.record.event_log import event_line
from brownout_results.report.runs import read_run
from tests.results.folders import START, Answers, load, make, sample

REAL = Path(__file__).parents[1] / "read" / "locust_csv" / "real"
LOAD: dict[str, Any] = {"users": 5, "shape": "steady", "shape_parameters": {}}


def facts(folder: Path, seconds: int = 30, target: str = "http://10.0.0.1", **changed: Any) -> Facts:
    """Facts of a run folder with this load."""
    answers = [Answers(second, [10]) for second in range(seconds)]
    rows = [load(second, 1) for second in range(seconds)]
    return folder_facts(
        make(folder, answers, rows, manifest={"format": 1, "target": target, "load": LOAD | changed})
    )


@pytest.mark.parametrize(
    ("changed", "field", "values"),
    [
        ({"target": "http://10.0.0.2"}, "target", ["http://10.0.0.1", "http://10.0.0.2"]),
        ({"users": 6}, "users", ["5", "6"]),
        ({"shape": "ramp"}, "shape", ["steady", "ramp"]),
        ({"shape_parameters": {"to": 9}}, "shape", ["steady", "steady (to 9)"]),
        ({"seconds": 34}, "duration", ["30 s", "34 s"]),
    ],
)
def test_a_difference_that_may_explain_figures_is_named_with_both_values(
    changed: dict[str, Any], field: str, values: list[str], tmp_path: Path
) -> None:
    found = differing([facts(tmp_path / "a"), facts(tmp_path / "b", **changed)])

    assert [(one.field, list(one.values)) for one in found] == [(field, values)]
    assert f"{field}: {values[0]} / {values[1]}" in refusal(found)
    assert "--anyway" in refusal(found)
    assert f"{field}: {values[0]} / {values[1]}" in label(found)


def test_open_loop_runs_differ_by_their_rate_and_not_by_how_many_users_wait_for_it(tmp_path: Path) -> None:
    slow, fast, more = (
        facts(tmp_path / name, arrival_rate=rate, users=users)
        for name, rate, users in (("a", 10.0, 100), ("b", 20.0, 100), ("c", 10.0, 200))
    )

    assert [one.field for one in differing([slow, fast])] == ["load"]
    assert differing([slow, more]) == []


def test_runs_alike_are_comparable_though_they_differ_by_some_seconds(tmp_path: Path) -> None:
    assert differing([facts(tmp_path / "a"), facts(tmp_path / "b", seconds=33)]) == []


def test_a_fleet_s_client_is_the_same_on_any_port_but_not_with_other_replicas(tmp_path: Path) -> None:
    def run(name: str, port: int, clients: int) -> Facts:
        seen = [sample(second, 1, 1, f"client-{n}") for second in range(4) for n in range(clients)]
        manifest = {"format": 1, "target": f"http://127.0.0.1:{port}"}
        return folder_facts(make(tmp_path / name, [Answers(1, [10])], samples=seen, manifest=manifest))

    two, same, three = run("a", 5001, 2), run("b", 6001, 2), run("c", 5001, 3)

    assert differing([two, same]) == []
    assert [str(one) for one in differing([two, three])] == ["fleet: 2 client / 3 client"]


def test_backends_of_other_capacities_are_not_comparable(tmp_path: Path) -> None:
    def run(name: str, concurrency: int | None) -> Facts:
        limit = {
            "replica": "backend-0",
            "concurrency": concurrency,
            "service_time_ms": 100,
            "queue_limit": 50,
        }
        events = [event_line("capacity", START, 0.0, limit)] if concurrency else []
        return folder_facts(
            make(tmp_path / name, [Answers(1, [10])], samples=[sample(1, 1, 1)], events=events)
        )

    free, two, same, four = run("a", None), run("b", 2), run("c", 2), run("d", 4)

    assert differing([two, same]) == []
    (found,) = differing([free, two, four])
    assert str(found) == (
        "backend capacity: no limit / 2 at once of 100 ms, 50 may wait / 4 at once of 100 ms, 50 may wait"
    )


def test_files_of_other_generations_and_percentile_columns_are_not_comparable() -> None:
    old, new, folder = (read_run(REAL / name).facts for name in ("1.1-full", "2.47.0-full", "2.44.0-full"))

    assert [one.field for one in differing([old, new])] == ["source", "percentile columns"]
    assert differing([folder, new]) == []


def test_what_is_not_known_differs_from_nothing() -> None:
    assert differing([Facts({"target": "a"}, 30.0), Facts({}), Facts({"target": "a"})]) == []
    assert [
        list(one.values) for one in differing([Facts({"target": "a"}), Facts({}), Facts({"target": "b"})])
    ] == [["a", "not known", "b"]]


@pytest.mark.parametrize("gone", ["_failures.csv", "_exceptions.csv", "_stats_history.csv", "_stats.csv"])
@pytest.mark.parametrize(
    "name", ["0.14.6-full", "1.1-full", "1.4.1-full", "1.4.4-full", "2.31.8-full", "2.47.0-full"]
)
def test_files_of_one_run_are_of_the_same_locust_though_one_is_missing(
    name: str, gone: str, tmp_path: Path
) -> None:
    for path in (REAL / name).glob("*.csv"):
        if not path.name.endswith(gone):
            shutil.copy(path, tmp_path)

    whole, part = read_run(REAL / name).facts, read_run(tmp_path).facts

    assert [
        one.field for one in differing([whole, part]) if one.field in ("source", "percentile columns")
    ] == []


def test_the_html_and_the_csv_of_a_run_are_of_the_same_locust() -> None:
    tables, html = (read_run(REAL / name).facts for name in ("2.47.0-full", "html-2.47.0"))

    assert {one.field for one in differing([tables, html])} <= {"duration"}


def test_generations_that_have_no_writer_in_common_differ_whatever_their_names() -> None:
    old, some, new = (
        Facts({"source": name}, None, frozenset(those))
        for name, those in (("a", "12"), ("b", "23"), ("c", "34"))
    )

    assert differing([old, some]) == differing([some, new]) == []
    assert [one.field for one in differing([old, some, new])] == ["source"]
    assert [one.field for one in differing([old, Facts({"source": "a brownout run folder"})])] == ["source"]
