"""Actions that are processes, as Chaos Toolkit allows them, run; what nothing proves has not passed."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from brownout_chaos.check import check_file
from brownout_chaos.files import ExperimentFile
from brownout_chaos.verdict import Evidence, judge
from tests.chaos.experiments import FAULTS, activity, experiment, ready, run, verdict
from tests.chaos.test_verdict import GOOD, KILLED, journal, ran
from tests.panel.test_api import stand

DECLARED = [{"name": "brownout", "unproven_actions": True}]
SAME = Evidence(before=GOOD.before, after=GOOD.before)


def process(**provider: Any) -> dict[str, Any]:
    return {"type": "action", "name": "list", "provider": {"type": "process", "path": "ls", **provider}}


@pytest.mark.filterwarnings("ignore:Process arguments should now be a list")  # the engine's own
@pytest.mark.parametrize(
    "provider",
    [
        {"arguments": "-d /"},
        {"arguments": ["-d", "/"]},
        {"arguments": {"-d": "/"}},
        {"arguments": "-d ${folder}", "timeout": 3},
        {"arguments": []},
        {},
    ],
)
def test_whatever_form_of_arguments_the_engine_allows_is_accepted(provider: dict[str, Any]) -> None:
    document = experiment(process(**provider), configuration={"folder": "/"})
    check_file(ExperimentFile(Path("made.json"), document))


def test_arguments_of_a_function_are_still_an_object() -> None:
    wrong = activity("kill_replica")
    wrong["provider"]["arguments"] = "backend-0"
    with pytest.raises(Exception, match=r"provider\.arguments: it must be an object"):
        check_file(ExperimentFile(Path("made.json"), experiment(wrong)))


def ran_process() -> dict[str, Any]:
    output = {"status": 0, "stdout": "", "stderr": ""}
    return {"activity": process(path="/bin/true"), "status": "succeeded", "output": output}


def ended(status: int, **more: str) -> dict[str, Any]:
    """A process that ended so, of which the engine says that it succeeded."""
    return {**ran_process(), "output": {"status": status, "stdout": "", "stderr": "", **more}}


def asked(status: int) -> dict[str, Any]:
    """An HTTP request that was answered so."""
    made = {"type": "action", "name": "ask", "provider": {"type": "http", "url": "http://127.0.0.1/"}}
    return {"activity": made, "status": "succeeded", "output": {"status": status, "headers": {}, "body": ""}}


@pytest.mark.parametrize(
    ("run", "word", "words"),
    [
        (ended(0), "passed", ""),
        (ended(1), "failed", "its process ended with exit code 1"),
        (ended(127, stderr="sh: 1: nope: not found\n"), "failed", "exit code 127: sh: 1: nope: not found"),
        (ended(2, stdout="one\ntwo\n\n"), "failed", "exit code 2: two"),
        (ended(-9), "failed", "its process ended with signal 9"),
        (asked(204), "passed", ""),
        (asked(302), "passed", ""),
        (asked(404), "failed", "it was answered with 404"),
        (asked(503), "failed", "it was answered with 503"),
    ],
)
def test_an_action_that_says_itself_that_it_failed_has_not_succeeded(
    run: dict[str, Any], word: str, words: str
) -> None:
    found = judge(declared(journal(run)), GOOD)
    undone = judge(journal(rollbacks=[run]), GOOD)

    assert (found.word, undone.word) == (word, word)
    assert words in found.reason
    assert words in undone.reason
    assert ("THE ROLLBACK" in undone.reason) is (word == "failed")


def test_a_probe_s_exit_code_is_its_tolerance_s_to_judge() -> None:
    probe = ended(1)
    probe["activity"] = {**probe["activity"], "type": "probe", "tolerance": 1}
    assert judge(journal(probe, KILLED), GOOD).word == "passed"


LOAD = {"users": 5, "spawn_rate": 5}


@pytest.mark.parametrize(
    ("run", "word"),
    [
        (ran("set_faults", {"faults": [], "applied": 2, "of": 2}), "invalid"),
        (ran("set_policy", {"policy": "full", "before": "full"}), "invalid"),
        (ran("set_policy", {"policy": "full", "before": "none"}), "passed"),
        (ran("set_policy", {"policy": "custom", "before": "custom"}), "passed"),
        (ran("set_load", {"state": "running", "settings": LOAD, "before": LOAD}), "invalid"),
        (ran("set_load", {"state": "running", "settings": LOAD, "before": {}}), "passed"),
    ],
)
def test_an_action_of_ours_that_found_what_it_was_to_set_did_nothing(run: dict[str, Any], word: str) -> None:
    assert judge(journal(run), SAME).word == word
    assert judge(journal(run, KILLED), GOOD).word == "passed"


def declared(made: dict[str, Any]) -> dict[str, Any]:
    made["experiment"]["extensions"] = DECLARED
    return made


@pytest.mark.parametrize(
    ("made", "evidence", "word"),
    [
        (journal(ran_process()), SAME, "invalid"),
        (journal(ran_process()), Evidence(), "invalid"),  # no fleet that could tell
        (journal(ran("sleep", None, "time")), SAME, "invalid"),
        (journal(ran("clear_faults", {"cleared": 2, "of": 2})), SAME, "invalid"),
        (declared(journal(ran_process())), SAME, "passed"),
        (journal(ran_process()), GOOD, "passed"),  # a replica was replaced meanwhile
        (journal(ran_process(), KILLED), GOOD, "passed"),
    ],
)
def test_an_experiment_passes_only_if_something_shows_what_it_did_or_its_author_says_so(
    made: dict[str, Any], evidence: Evidence, word: str
) -> None:
    found = judge(made, evidence)
    assert found.word == word, found


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with stand("--replicas", "--folder", str(tmp_path_factory.mktemp("run"))) as url:
        yield url


@pytest.mark.parametrize(
    ("method", "extensions", "word"),
    [
        ([process(path="true")], [], "invalid"),
        ([process(path="true")], DECLARED, "passed"),
        ([process(arguments="-d /"), activity("set_faults", faults=FAULTS, pause=0.3)], [], "passed"),
        ([process(path="false"), activity("set_faults", faults=FAULTS)], DECLARED, "failed"),
    ],
)
def test_the_engine_runs_them_and_the_verdict_says_what_they_show(
    url: str, tmp_path: Path, method: list[dict[str, Any]], extensions: list[dict[str, Any]], word: str
) -> None:
    steady = {"steady-state-hypothesis": ready()}
    _, output = run(url, experiment(*method, extensions=extensions, **steady), tmp_path)
    found, reason = verdict(tmp_path)
    assert found == word, output
    assert ("nothing shows that" in reason) is (word == "invalid")
