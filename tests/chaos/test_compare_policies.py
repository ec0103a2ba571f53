"""One experiment under one policy after the other: the order, what counts, and real runs."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from brownout.cli import cli
from brownout.compare_policies import PolicyRun, Turn, exit_of, in_order, order
from brownout_results.read import run_folder
from brownout_terms.exits import Exit
from tests.commands.cli import FREE_PORTS, run

POLICIES = ["none", "retry", "breaker", "full"]


def test_a_single_round_is_in_the_order_that_was_typed() -> None:
    assert order(POLICIES, 1, 7) == [Turn(policy, 1) for policy in POLICIES]


def test_each_round_has_each_policy_once_in_an_order_of_its_own_by_the_seed() -> None:
    turns = order(POLICIES, 6, 7)
    rounds = [[turn.policy for turn in turns if turn.round == number] for number in range(1, 7)]
    assert [turn.round for turn in turns] == sorted(turn.round for turn in turns)
    assert all(sorted(one) == sorted(POLICIES) for one in rounds)
    assert len({tuple(one) for one in rounds}) > 1
    assert order(POLICIES, 6, 7) == turns != order(POLICIES, 6, 8)


@pytest.mark.parametrize(
    ("codes", "code"),
    [
        ([Exit.PASSED, Exit.PASSED], Exit.PASSED),
        ([Exit.DEVIATED, Exit.PASSED], Exit.PASSED),  # it has shown that the policy does not do
        ([Exit.PASSED, Exit.INVALID], Exit.INVALID),
        ([Exit.FAILED], Exit.FAILED),
        ([Exit.INTERRUPTED], Exit.INTERRUPTED),
    ],
)
def test_every_run_must_have_shown_something(codes: list[Exit], code: Exit) -> None:
    assert exit_of([PolicyRun(Turn("none", 1), one, Path()) for one in codes]) == code


def test_the_first_policy_comes_first_whenever_it_ran() -> None:
    done = [PolicyRun(turn, Exit.PASSED, Path()) for turn in order(POLICIES, 3, 1)]
    sorted_ones = [(one.turn.policy, one.turn.round) for one in in_order(done, POLICIES)]
    assert sorted_ones == [(policy, number) for policy in POLICIES for number in (1, 2, 3)]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["none"], "name two policies or more, each once"),
        (["none", "none"], "name two policies or more, each once"),
        (["none", "fall"], '"fall" is not one of none, retry, breaker, full, lab'),
        (["none", "full", "--policy", "lab"], "leave it out"),
        (["none", "full", "--experiment", "nothing"], '"nothing" is neither a file nor an experiment'),
        (["none", "full", "--repeat", "0"], "0 is not in the range 1<=x<=100"),
    ],
)
def test_what_can_not_be_compared_is_refused_before_any_load(arguments: list[str], words: str) -> None:
    result = CliRunner().invoke(cli, ["compare-policies", *arguments])
    assert (result.exit_code, words in " ".join(result.output.split())) == (2, True), result.output


FAULTS = ("--fault", "error=50%,status=503", "--baseline", "1s", "--during", "3s", "--recovery", "3s")
LOAD = ("--arrival-rate", "20", "--clients", "1", "--backends", "1", *FREE_PORTS)


def runs_in(home: Path) -> list[run_folder.Run]:
    """Every run, in the order in which they began."""
    paths = home.glob("results/runs/2*")
    return sorted((run_folder.read(path) for path in paths), key=lambda one: one.folder)


def rows(output: str) -> list[list[str]]:
    """The table at the end, by cells."""
    lines = [line.split("│") for line in output.splitlines() if line.startswith("│")]
    return [[cell.strip() for cell in cells[1:-1]] for cells in lines]


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_each_policy_gets_a_run_of_the_same_experiment_and_load(tmp_path: Path) -> None:
    code, output = run("compare-policies", "none", "full", *FAULTS, *LOAD, cwd=tmp_path, deadline_s=200)
    assert code == 0, output
    runs = runs_in(tmp_path)
    assert [one.manifest["label"] for one in runs] == ["fault-none", "fault-full"]
    documents = [json.loads((one.folder / "experiment.json").read_text()) for one in runs]
    assert documents[0] == documents[1]
    none, full = rows(output)
    assert (none[0], full[0]) == ("none", "full")
    assert float(none[5]) == 1.0 < float(full[5])


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_repeats_are_shuffled_and_compared_with_the_runs_as_the_unit(tmp_path: Path) -> None:
    """An interval that comes from differences between runs, not from the seconds of one."""
    command = ("compare-policies", "none", "full", "--repeat", "2", "--seed", "5", *FAULTS, *LOAD)
    code, output = run(*command, cwd=tmp_path, deadline_s=380)
    assert code == 0, output
    labels = [one.manifest["label"] for one in runs_in(tmp_path)]
    assert labels == [f"fault-{turn.policy}" for turn in order(["none", "full"], 2, 5)]
    assert [cells[0] for cells in rows(output)] == ["none", "none", "full", "full"]
    (path,) = tmp_path.glob("results/comparisons/*/summary.json")
    document = json.loads(path.read_text())
    assert [one["label"] for one in document["runs"]] == ["fault-none"] * 2 + ["fault-full"] * 2
    (row,) = [
        line
        for line in path.with_name("summary.md").read_text().splitlines()
        if line.startswith("| availability ")
    ]
    difference, interval = [cell.strip() for cell in row.split("|")][5:7]
    # Two runs each may be too few for a verdict among so many figures, and not for an interval.
    assert float(difference.removesuffix(" pp")) > 5.0
    assert interval.startswith("+")
