"""The program that makes reports ends with the panel, and what it wrote of a run's book is read."""

import json
import sys
from pathlib import Path

import gevent
import pytest

from brownout_panel.errors import ReportError
from brownout_panel.model import BookResult
from brownout_panel.reports import Reports
from brownout_results.record.manifest import NAME as MANIFEST
from tests.panel.fleet import until

ENDLESS = "import sys, time; open(sys.argv[1] + '/begun', 'w'); time.sleep(600)"


@pytest.fixture
def run(tmp_path: Path) -> Path:
    folder = tmp_path / "one"
    folder.mkdir()
    (folder / MANIFEST).write_text("{}")
    return folder


def test_a_report_that_is_being_made_is_given_up_when_the_panel_stops(run: Path) -> None:
    reports = Reports(run.parent, lambda: run, [sys.executable, "-c", ENDLESS])
    making = gevent.spawn(reports.make, None)
    until((run / "begun").exists, "the program to run")
    reports.stop()
    with gevent.Timeout(10), pytest.raises(ReportError):
        making.get()
    with pytest.raises(ReportError, match="the panel has stopped"):
        reports.make("one")


def test_the_book_of_a_run_is_what_its_report_wrote_or_nothing(run: Path) -> None:
    reports = Reports(run.parent, lambda: run, [])
    assert reports.book("one") is None
    document = {"balances": False, "sentence": "requests: 3 apart", "accounts": []}
    (run / "book.json").write_text(json.dumps(document))
    assert reports.book("one") == BookResult(False, "requests: 3 apart")
    (run / "book.json").write_text("no JSON")
    assert reports.book("one") is None
