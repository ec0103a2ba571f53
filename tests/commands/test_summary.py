"""What a run comes to, in the terminal."""

from pathlib import Path

from brownout.summary import lost_workers
from tests.results.folders import make


def test_a_worker_that_was_lost_is_named_and_when_it_was_last_heard_of(tmp_path: Path) -> None:
    heard = "2026-03-14T15:09:26.000Z"
    workers = [
        {"worker": "one", "state": "finished", "last_heard": heard, "requests": 5},
        {"worker": "two", "state": "silent", "last_heard": heard, "requests": 3},
    ]
    run = make(tmp_path / "run", manifest={"format": 1, "workers": workers})
    assert list(lost_workers(run)) == [("lost", f"worker two, last heard of at {heard}; the rest is unknown")]
    assert list(lost_workers(make(tmp_path / "alone", manifest={"format": 1}))) == []
