"""summary.json keeps to its schema, docs/reports.md names what is in it, its numbers can be recomputed."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from brownout_results.judge.thresholds import evaluate, parse
from brownout_results.measure.figures import FIGURES
from brownout_results.read.locust_csv import read
from brownout_results.read.run_folder import Run
from brownout_results.report.comparison_report import ComparedSide, report_of_comparison
from brownout_results.report.comparison_sides import (
    phases_side_by_side,
    repeats_side_by_side,
    runs_side_by_side,
)
from brownout_results.report.locust_report import report_of_files
from brownout_results.report.report_files import write
from brownout_results.report.run_report import report_of_run
from brownout_results.report.runs import AnyRun, FolderRun, LocustFilesRun
from brownout_results.report.summary_file import summary
from tests.results.folders import Answers, load, make
from tests.results.report.runs import eventful, hostile

ROOT = Path(__file__).parents[3]
SCHEMA = json.loads((ROOT / "results/brownout_results/report/summary.schema.json").read_text("utf-8"))
DOCS = (ROOT / "docs/reports.md").read_text("utf-8")
VALIDATOR = jsonschema_rs.validator_for(SCHEMA)
FILES = ROOT / "tests/results/read/locust_csv/real"


def summary_of(run: Run, out: Path, *thresholds: str) -> dict[str, Any]:
    """What `brownout report` writes."""
    write(
        out,
        report_of_run(run, "now"),
        [FolderRun(run)],
        evaluate(run, [parse(text) for text in thresholds], None),
    )
    document: dict[str, Any] = json.loads((out / "summary.json").read_text("utf-8"))
    return document


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return eventful(tmp_path_factory.mktemp("runs") / "run")


def test_a_run_s_summary_keeps_to_the_schema_whatever_the_run_is(run: Run, tmp_path: Path) -> None:
    thresholds = ["p95 < 300ms", "report-only ok_ratio > 99.9%", 'p95{phase="none"} < 1ms']
    for name, one in {"a": run, "b": hostile(tmp_path / "hostile"), "c": make(tmp_path / "empty")}.items():
        VALIDATOR.validate(summary_of(one, tmp_path / name, *thresholds))


@pytest.mark.parametrize("name", sorted(path.name for path in FILES.iterdir() if path.is_dir()))
def test_the_summary_of_locust_s_files_keeps_to_the_schema(name: str) -> None:
    found = read(FILES / name)

    VALIDATOR.validate(
        json.loads(json.dumps(summary(report_of_files(found, "now"), [LocustFilesRun(found)], [])))
    )


def test_the_summary_of_every_kind_of_comparison_keeps_to_the_schema(run: Run, tmp_path: Path) -> None:
    files = [LocustFilesRun.read(FILES / name) for name in ("1.4.4-full", "2.43.4-full")]
    one = FolderRun(run)
    others = [FolderRun(hostile(tmp_path / "hostile")), FolderRun(make(tmp_path / "empty"))]
    kinds: dict[str, tuple[list[ComparedSide], Sequence[AnyRun]]] = {
        "runs": (runs_side_by_side([one, *others]), [one, *others]),
        "repeats": (repeats_side_by_side([one, one, *others]), [one, one, *others]),
        "phases": (phases_side_by_side(one), [one]),
        "files": (runs_side_by_side(files), files),
    }

    for name, (sides, runs) in kinds.items():
        write(tmp_path / name, report_of_comparison(sides, "now"), runs, [])
        told = json.loads((tmp_path / name / "summary.json").read_text("utf-8"))
        VALIDATOR.validate(told)
        assert told["kind"] == "comparison"
        assert len(told["verdict"]["sentences"]) == 2


def test_a_summary_that_lacks_something_does_not_keep_to_the_schema(run: Run, tmp_path: Path) -> None:
    told = summary_of(run, tmp_path)

    for field in told:
        with pytest.raises(jsonschema_rs.ValidationError):
            VALIDATOR.validate({key: value for key, value in told.items() if key != field})


def test_every_field_is_described_by_the_schema_and_by_the_docs(run: Run, tmp_path: Path) -> None:
    told = summary_of(run, tmp_path, "p95 < 300ms")

    described = dict(paths(told, SCHEMA))
    assert [path for path, is_there in described.items() if not is_there] == []
    named = [
        path.rsplit(".", 1)[-1] for path in described if ".figures." not in path and ".outcomes." not in path
    ]
    assert [name for name in named if f"`{name}`" not in DOCS] == []
    assert [
        figure.name for figure in FIGURES if figure.name not in DOCS and not figure.name.startswith("p")
    ] == []


def paths(value: Any, schema: dict[str, Any], path: str = "") -> Iterator[tuple[str, bool]]:
    """Each field of the value, and whether the schema has it."""
    if "$ref" in schema:
        schema = SCHEMA["$defs"][schema["$ref"].rsplit("/", 1)[-1]]
    if isinstance(value, list):
        for item in value:
            yield from paths(item, schema.get("items", {}), path)
    elif isinstance(value, dict):
        for name, item in value.items():
            below = schema.get("properties", {}).get(name, schema.get("additionalProperties"))
            yield f"{path}.{name}", bool(below)
            yield from paths(item, below if isinstance(below, dict) else {}, f"{path}.{name}")


def test_the_script_in_the_docs_recomputes_every_figure(run: Run, tmp_path: Path) -> None:
    figures = summary_of(run, tmp_path)["runs"][0]["figures"]

    assert set(figures) == {figure.name for figure in FIGURES}
    assert recomputed(run.folder, parts=2) == pytest.approx(figures)


def test_the_script_in_the_docs_is_right_in_closed_loop_too(tmp_path: Path) -> None:
    answers = [Answers(second, [10.0 * second + 1] * 3) for second in range(8)]
    rows = [load(second, 3 if second < 8 else 0, users=2 if second < 9 else 0) for second in range(10)]
    closed = make(tmp_path / "run", answers, rows)

    figures = summary_of(closed, tmp_path / "out")["runs"][0]["figures"]

    assert recomputed(closed.folder, parts=1) == pytest.approx(figures)
    assert figures["goodput"] == 3


def recomputed(folder: Path, parts: int) -> dict[str, float]:
    """What the docs' script prints, made of so many of its parts."""
    script = "".join(re.findall(r"```python\n(.*?)```", DOCS, re.DOTALL)[:parts])
    printed = subprocess.run(
        [sys.executable, "-c", script, folder], capture_output=True, text=True, timeout=30, check=True
    ).stdout
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in printed.splitlines())}
