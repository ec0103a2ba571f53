"""docs/run-folder.md names everything that a run folder holds."""

import json
from pathlib import Path

import pytest

from brownout_results.record import LoadRow, Sample
from tests.recorder.simulation import run_for

TEXT = (Path(__file__).parents[2] / "docs" / "run-folder.md").read_text("utf-8")


@pytest.mark.parametrize("column", [*LoadRow._fields, *Sample._fields])
def test_every_column_is_documented(column: str) -> None:
    assert f"`{column}`" in TEXT


def test_every_file_field_and_event_of_a_run_is_documented(tmp_path: Path) -> None:
    folder = run_for(tmp_path / "run", seconds=2)
    events = map(json.loads, (folder / "events.jsonl").read_text("utf-8").splitlines())

    named = {event["kind"] for event in events} | {*json.loads((folder / "run.json").read_text("utf-8"))}
    assert [name for name in sorted(named) if f"`{name}`" not in TEXT] == []
    assert [path.name for path in folder.iterdir() if path.name not in TEXT] == []
