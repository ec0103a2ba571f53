"""What a selftest finds wrong with a round, and which rounds a seed makes."""

from __future__ import annotations

from dataclasses import replace

from brownout.selftest.disturbances import ALL
from brownout.selftest.findings import findings
from brownout.selftest.rounds import Plan, RoundResult, plans

QUIET = RoundResult(
    Plan(1, None, 1.0, 1.0), 0, reads=True, figures={"p95": 30.0}, failed=50, failed_for_locust=50
)
TOLD = replace(QUIET, plan=Plan(2, ALL[0], 1.0, 2.0), notices=("the load generator stood still for 2 s",))


def found(*outcomes: RoundResult) -> list[tuple[int, str]]:
    """The round and the kind of each finding."""
    return [(one.round, one.kind) for one in findings([QUIET, *outcomes])]


def test_a_disturbance_that_is_told_and_moves_nothing_is_right() -> None:
    """Nothing is found in it."""
    assert found(TOLD) == []


def test_a_valid_run_may_not_have_moved_beyond_the_noise() -> None:
    """A figure that moved blames the target; a run that is called invalid blames nobody."""
    moved = replace(TOLD, figures={"p95": 300.0})
    assert found(moved) == [(2, "blamed")]
    assert found(replace(moved, invalid="the load generator stood still")) == []


def test_a_cause_that_the_users_do_not_bring_about_blames_the_target() -> None:
    """As of too many open files."""
    assert found(replace(TOLD, other_causes=28)) == [(2, "blamed")]


def test_a_failure_that_locust_counted_may_not_be_missing() -> None:
    """More in the run folder than in Locust's table is no loss."""
    assert found(replace(TOLD, failed=49)) == [(2, "lost")]
    assert found(replace(TOLD, failed=51)) == []


def test_a_disturbance_has_a_word() -> None:
    """A notice, or an event on the timeline."""
    silent = replace(TOLD, notices=())
    assert found(silent) == [(2, "silent")]
    assert found(replace(silent, told=("clock-step",))) == []


def test_an_undisturbed_run_has_no_word() -> None:
    """Neither a notice nor the word invalid."""
    assert found(replace(QUIET, notices=("a notice",))) == [(1, "false alarm")]
    assert found(replace(QUIET, invalid="it stood still")) == [(1, "false alarm")]


def test_a_folder_that_can_not_be_read_is_found() -> None:
    """Whatever the disturbance was."""
    assert found(replace(TOLD, reads=False)) == [(2, "unread")]


def test_a_seed_makes_the_same_rounds_and_each_kind_before_any_twice() -> None:
    """Undisturbed ones are mixed in."""
    rounds = plans(7, len(ALL), 4)
    assert rounds == plans(7, len(ALL), 4) != plans(8, len(ALL), 4)
    kinds = [plan.disturbance for plan in rounds if plan.disturbance]
    assert len(kinds) == len({kind.name for kind in kinds}) == len(ALL)
    assert len(rounds) == len(ALL) + 4


def test_a_run_that_others_on_the_machine_disturbed_is_neither_quiet_nor_a_false_alarm() -> None:
    """It says nothing of the noise either."""
    beside = replace(QUIET, others_s=3, notices=("the machine was busy",), figures={"p95": 900.0})
    moved = replace(TOLD, figures={"p95": 300.0})

    assert found(beside, moved) == [(2, "blamed")]
    assert not beside.is_quiet
