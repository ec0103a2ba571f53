"""An experiment's progress is what its activities said, step by step, and its verdict is its own."""

from typing import Any

from brownout_panel.experiment_progress import advanced, begun, ended
from brownout_panel.model import Activity, Experiment


def told(*reports: tuple[Any, str, Any] | tuple[Any, str, Any, str]) -> Experiment:
    """An experiment after these reports: part, activity, state, perhaps detail; one a second."""
    now: Experiment | None = None
    for at, (part, activity, state, *detail) in enumerate(reports):
        now = advanced(now, Activity("Title", part, activity, state, *detail), float(at))
    assert now is not None
    return now


def test_a_step_is_one_line_from_its_start_to_its_end() -> None:
    now = told(
        ("experiment", "Title", "started"),
        ("method", "kill", "started"),
        ("method", "kill", "failed", "nobody was killed"),
        ("method", "pause", "started"),
    )
    assert [(one.activity, one.state, one.detail, one.at) for one in now.steps] == [
        ("kill", "failed", "nobody was killed", 1.0),
        ("pause", "started", None, 3.0),
    ]
    assert (now.title, now.state, now.started_at, now.ended_at) == ("Title", "running", 0.0, None)


def test_an_activity_that_is_done_twice_is_two_steps() -> None:
    once = (("method", "pause", "started"), ("method", "pause", "succeeded"))
    assert [one.state for one in told(*once, *once, ("rollbacks", "pause", "skipped")).steps] == [
        "succeeded",
        "succeeded",
        "skipped",
    ]


def test_the_last_word_of_the_whole_is_the_verdict() -> None:
    now = told(("experiment", "Title", "started"), ("experiment", "Title", "failed", "deviated: too slow"))
    assert (now.state, now.verdict, now.ended_at) == ("failed", "deviated: too slow", 1.0)
    assert ended(now, "it ended with exit code 1", 9.0) == now


def test_one_whose_process_dies_without_a_verdict_has_failed() -> None:
    now = ended(told(("method", "kill", "started")), "it ended with exit code -9", 9.0)
    assert (now.state, now.verdict, now.ended_at) == ("failed", "it ended with exit code -9", 9.0)


def test_the_next_one_begins_anew_also_when_the_last_one_never_ended() -> None:
    start = ("experiment", "Title", "started")
    for end in (("experiment", "Title", "succeeded"), ("method", "kill", "failed")):
        now = told(start, ("method", "kill", "started"), end, start)
        assert (now.steps, now.state, now.started_at) == ([], "running", 3.0)


def test_one_that_was_started_from_here_keeps_its_file() -> None:
    now = advanced(begun("a.json", "a.json", 0.0), Activity("Title", "experiment", "Title", "started"), 1.0)
    assert (now.file, now.title, now.started_at) == ("a.json", "Title", 0.0)
