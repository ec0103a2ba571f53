"""A row of runs with other users, rates or policies is drawn as figures against what was swept."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from brownout.comparison import document_of, incomparable
from brownout.errors import NotComparableError
from brownout_results.judge.comparable import Differing, is_sweep
from brownout_results.report.document import Document, Setting
from brownout_results.report.html_page import page
from brownout_results.report.runs import AnyRun, FolderRun
from brownout_results.report.swept import Sweep, swept
from tests.results.report.runs import eventful

RATE = "load, arrival rate"


@pytest.mark.parametrize(
    ("settings", "wanted"),
    [
        ({RATE: ["10", "20", "40"]}, (RATE, [10, 20, 40], "", [])),
        ({"target": ["a", "b", "c"], RATE: ["10", "20", "40"]}, (RATE, [10, 20, 40], "", [])),
        ({RATE: ["10", "20"]}, None),
        ({RATE: ["10", "20", "–"]}, None),
        ({"seed": ["1", "2", "3"]}, None),
        ({"load, seed": ["1", "2", "3"]}, None),
        ({"files": ["a", "b", "c"], "users at most": ["1", "2", "3"]}, ("users at most", [1, 2, 3], "", [])),
        ({"policy, retry, attempts": ["1", "2", "3"]}, ("policy, retry, attempts", [1, 2, 3], "", [])),
        ({"policy": ["none", "retry", "full"]}, ("policy", ["none", "retry", "full"], "", [])),
        (
            {RATE: ["1", "2", "3", "1", "2", "3"], "policy": ["a", "a", "a", "b", "b", "b"]},
            (RATE, [1, 2, 3, 1, 2, 3], "policy", ["a", "a", "a", "b", "b", "b"]),
        ),
        ({}, None),
    ],
)
def test_what_was_swept(
    settings: dict[str, list[str]], wanted: tuple[str, list[float | str], str, list[str]] | None
) -> None:
    rows = [Setting(name=name, values=values) for name, values in settings.items()]
    found = swept(rows, max((len(row.values) for row in rows), default=0))

    assert (found and (found.name, found.values, found.line_name, list(found.lines))) == wanted
    assert not isinstance(found, Sweep) or found.is_number == isinstance(found.values[0], float)


@pytest.mark.parametrize(
    ("found", "wanted"),
    [
        ([Differing("load", ["1", "2", "3"])], True),
        ([Differing("users", ["1", "2", "3"])], True),
        ([Differing("load", ["1", "2"])], False),
        ([Differing("load", ["1", "2", "3"]), Differing("target", ["a", "b", "b"])], False),
        ([], False),
    ],
)
def test_a_sweep_of_the_load_is_comparable(found: list[Differing], wanted: bool) -> None:
    assert is_sweep(found) is wanted


def runs(folder: Path, several: int, policies: tuple[str, ...] = ("none",)) -> list[AnyRun]:
    """Runs at 10, 20, 30 … offered requests per second, under each policy."""
    found: list[AnyRun] = []
    for policy in policies:
        for number in range(several):
            name = f"{policy}-{number}"
            run = eventful(folder / name, name, slow_ms=50 + 20 * number)
            manifest = json.loads((run.folder / "run.json").read_text("utf-8"))
            manifest["load"]["arrival_rate"] = 10.0 * (number + 1)
            (run.folder / "run.json").write_text(json.dumps(manifest | {"policy": policy}))
            found.append(FolderRun.read(run.folder))
    return found


@pytest.fixture(scope="module")
def forty(tmp_path_factory: pytest.TempPathFactory) -> Document:
    several = runs(tmp_path_factory.mktemp("runs"), 20, ("none", "full"))
    return document_of(several, repeats=False, notices=incomparable(several, anyway=False))


@pytest.mark.slow
def test_forty_runs_are_drawn_against_the_rate_with_a_line_for_each_policy(
    forty: Document,
) -> None:
    sweep, every, timeline, *_ = forty.charts

    assert (sweep.key, every.key, timeline.key) == ("sweep", "every-run", "timeline")
    assert len(every.figure.layout.annotations) == 40
    shown = {trace.meta: trace for trace in sweep.figure.data}
    assert {"none goodput", "full goodput", "none p95", "full availability"} <= set(shown)
    assert shown["none p95"].x.tolist() == [10.0 * (number + 1) for number in range(20)]
    assert (shown["none p95"].error_y.array >= 0).all()
    assert timeline.note.startswith("The first 10 of 40 runs")


@pytest.mark.slow
def test_a_page_of_forty_runs_is_small(forty: Document) -> None:
    text = page(forty)

    assert len(text) < 3 * 2**20
    assert "40 runs</summary>" in text


def test_two_runs_at_other_rates_are_refused_as_before(tmp_path: Path) -> None:
    two = runs(tmp_path, 2)

    with pytest.raises(NotComparableError):
        incomparable(two, anyway=False)
    assert next(chart.key for chart in document_of(two, repeats=False).charts) == "timeline"
