"""A new source of runs is one class: it is read, reported and compared like the others."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import brownout
from brownout_results.read.locust_csv import LocustRun, RequestStats
from brownout_results.report.report_files import write
from brownout_results.report.runs import SOURCES, LocustFilesRun, sources
from brownout_results.report.runs.any_run import NotThisSourceError


class CountedRun(LocustFilesRun):
    """A run of a tool that leaves two numbers in a file: requests, and those that failed."""

    @classmethod
    def read(cls, path: Path, part: int | None = None) -> CountedRun:
        assert part is None
        try:
            requests, failed = map(int, path.read_text("utf-8").split())
        except (OSError, ValueError) as error:
            raise NotThisSourceError("not two numbers") from error
        total = RequestStats(requests=requests, failed=failed)
        return cls(
            LocustRun(
                path=path,
                name=path.stem,
                files=[path],
                generation="G5",
                percents=[],
                total=total,
                endpoints=[],
            )
        )


def test_a_run_of_a_new_source_is_read_reported_and_compared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "SOURCES", (CountedRun, *SOURCES))
    for name, counts in {"before": "100 50", "after": "100 0"}.items():
        (tmp_path / f"{name}.txt").write_text(counts)

    run = sources.read_run(tmp_path / "before.txt")
    write(run.report_folder, run.report("now"), [run], [])
    document = brownout.compare(tmp_path / "before.txt", tmp_path / "after.txt").report

    summary = json.loads((tmp_path / "before-report" / "summary.json").read_text("utf-8"))
    assert summary["runs"][0]["figures"]["availability"] == 0.5
    assert [one.name for one in document.runs] == ["before", "after"]
    assert any(row.figure == "availability" for row in document.tables[0].rows)


def test_what_no_source_reads_is_said_by_the_last(tmp_path: Path) -> None:
    with pytest.raises(NotThisSourceError, match="There is no"):
        sources.read_run(tmp_path / "nothing")
