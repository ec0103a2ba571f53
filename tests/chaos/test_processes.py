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
        ([process(arguments="-d /"), activity("set_faults", faults=FAULTS)], [], "passed"),
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
