"""The verdict: literals of journals and evidence in, one word and its reason out."""

from copy import deepcopy
from typing import Any

import pytest

from brownout_chaos.verdict import Evidence, judge
from brownout_terms.verdicts import EXPERIMENT, ExperimentWord


def ran(func: str, output: Any, module: str = "brownout.actions", kind: str = "action") -> dict[str, Any]:
    """An activity that succeeded."""
    activity = {"type": kind, "name": func, "provider": {"module": module, "func": func}}
    return {"activity": activity, "status": "succeeded", "output": output}


def failed(func: str, words: str) -> dict[str, Any]:
    """An activity that failed."""
    return {**ran(func, None), "status": "failed", "exception": [f"chaoslib.ActivityFailed: {words}\n"]}


def state(met: bool, output: Any = 0.5) -> dict[str, Any]:
    """A steady state that was checked."""
    probe = ran("success_ratio", output, "brownout.probes", "probe")
    probe["activity"]["tolerance"] = {"type": "range", "range": [0.9, 1.0]}
    return {"steady_state_met": met, "probes": [probe]}


KILL = {"name": "backend-0", "uid": "a", "new_name": "backend-0", "new_uid": "c"}
KILLED = ran("kill_replica", {"kills": [KILL]})
FAULTS = ran("set_faults", {"faults": [{}], "applied": 2, "of": 2})
CLEARED = ran("clear_faults", {"cleared": 2, "of": 2})
BEFORE, AFTER = {"backend-0": "a", "backend-1": "b"}, {"backend-0": "c", "backend-1": "b"}
GOOD = Evidence(before=BEFORE, after=AFTER)
TERMINATED = ran("terminate_pods", ["backend-0"], "chaosk8s.pod.actions")


MEASURED = state(True, 0.99)["probes"][0]
PRETENDED = ran("goodput", 3.0, "brownout.probes")


def journal(*runs: dict[str, Any], **more: Any) -> dict[str, Any]:
    """The journal of an experiment that went well, unless told otherwise."""
    made = list(runs) or [FAULTS, KILLED]
    whole = {
        "status": "completed",
        "deviated": False,
        "steady_states": {"before": state(True), "after": state(True), "during": []},
        "run": made,
        "rollbacks": [CLEARED],
        "experiment": {
            "steady-state-hypothesis": {"title": "Served"},
            "method": [run["activity"] for run in made],
            "rollbacks": [CLEARED["activity"]],
        },
    }
    return deepcopy(whole | more)


def states(**more: Any) -> dict[str, Any]:
    return {"before": state(True), "after": state(True), "during": [], **more}


REVISED = ran("set_faults", {"faults": [{}], "applied": 2, "of": 2, "revision": 7, "words": "errors"})
HIT, MISSED = (Evidence(before=BEFORE, after=BEFORE, injected={7: count}) for count in (12, 0))

TABLE: list[tuple[str, dict[str, Any] | None, Evidence, ExperimentWord, str]] = [
    (
        "all went well",
        journal(),
        GOOD,
        "passed",
        '"Served" held before and after; 2 steps, 1 kill proven',
    ),
    (
        "faults that hit requests",
        journal(REVISED),
        HIT,
        "passed",
        "1 fault set read back and injected 12 times",
    ),
    ("faults that hit none", journal(REVISED), MISSED, "invalid", "nothing was injected while these faults"),
    ("faults of which that is not known", journal(REVISED), GOOD, "passed", "1 fault set read back"),
    (
        "faults that hit none, and a service that was not well",
        journal(REVISED, steady_states=states(after=state(False))),
        MISSED,
        "deviated",
        "not steady after",
    ),
    (
        "a kill that replaced nobody, as in the lab's write-up",
        journal(),
        Evidence(before=BEFORE, after=BEFORE),
        "failed",
        "not proven: no replica changed its identity",
    ),
    ("a kill stubbed to do nothing", journal(ran("kill_replica", None)), GOOD, "failed", "not proven"),
    ("a kill that says so itself", journal(ran("kill_replica", {"kills": []})), GOOD, "failed", "not proven"),
    (
        "a kill of a replica by itself",
        journal(ran("kill_replica", {"kills": [{**KILL, "new_uid": "a"}]})),
        GOOD,
        "failed",
        "not proven",
    ),
    ("terminate_pods that hit", journal(TERMINATED), GOOD, "passed", "held"),
    (
        "terminate_pods whose selector matches nothing",
        journal(ran("terminate_pods", [], "chaosk8s.pod.actions")),
        Evidence(before=BEFORE, after=BEFORE),
        "invalid",
        "did nothing: its output is empty",
    ),
    (
        "terminate_pods that hit a pod of somebody else's",
        journal(TERMINATED),
        Evidence(before=BEFORE, after=BEFORE),
        "failed",
        "says it deleted 1 pods, and 0 replicas were replaced",
    ),
    (
        "terminate_pods of a pod that nobody replaces",
        journal(TERMINATED),
        Evidence(before=BEFORE, after={"backend-1": "b"}),
        "failed",
        "says it deleted 1 pods, and 0 replicas were replaced",
    ),
    (
        "terminate_pods of a stranger while a replica happened to restart",
        journal(ran("terminate_pods", ["frontend-7"], "chaosk8s.pod.actions")),
        GOOD,
        "failed",
        "deleted frontend-7: no replica of the fleet",
    ),
    (
        "terminate_pods twice, the second time of the first one's successor",
        journal(TERMINATED, ran("terminate_pods", ["backend-0b"], "chaosk8s.pod.actions")),
        Evidence(before=BEFORE, after={"backend-0c": "d", "backend-1b": "e"}),
        "passed",
        "held",
    ),
    (
        "not steady before the method: completed, not deviated, exit 0, says the engine",
        journal(steady_states=states(before=state(False)), run=[]),
        GOOD,
        "invalid",
        'the method never ran: the probe "success_ratio" found 0.5, and not 0.9 to 1.0',
    ),
    ("no steady state", journal(steady_states=states(before=None)), GOOD, "invalid", "no steady state"),
    (
        "steady state without probes",
        journal(steady_states=states(before={"probes": []})),
        GOOD,
        "invalid",
        "no",
    ),
    (
        "nobody looked afterwards",
        journal(steady_states=states(after=None)),
        GOOD,
        "invalid",
        "after the method",
    ),
    ("users suffered", journal(steady_states=states(after=state(False))), GOOD, "deviated", "found 0.5"),
    ("… during it", journal(steady_states=states(during=[state(False)])), GOOD, "deviated", "during"),
    (
        "users suffered during the fault, where the engine looks at no tolerance",
        journal(FAULTS, {**MEASURED, "output": 0.7}),
        GOOD,
        "deviated",
        'during the method: the probe "success_ratio" found 0.7, and not 0.9 to 1.0',
    ),
    (
        "what must hold during the fault is not known",
        journal(FAULTS, {**MEASURED, "output": None}),
        GOOD,
        "deviated",
        "found None, and not 0.9 to 1.0",
    ),
    ("users were served during the fault", journal(FAULTS, MEASURED), GOOD, "passed", "held"),
    ("a probe that is called an action", journal(PRETENDED), GOOD, "invalid", "changed nothing"),
    ("the control was not there", journal(), Evidence(reported_in=False), "invalid", "did not report in"),
    ("the engine never began", None, GOOD, "invalid", "nothing was done"),
    (
        "an action failed",
        journal(FAULTS, failed("x", "no such")),
        GOOD,
        "failed",
        'action "x" failed: no such',
    ),
    (
        "an action failed, and so the control ended it",
        journal(failed("x", "no such"), status="interrupted"),
        GOOD,
        "failed",
        "no such",
    ),
    ("the engine broke", journal(status="aborted"), GOOD, "failed", "error of its own"),
    ("interrupted, nobody knows why", journal(status="interrupted"), GOOD, "aborted", "interrupted"),
    ("stopped", journal(status="interrupted"), Evidence(stopped="SIGTERM"), "aborted", "SIGTERM before"),
    ("the panel went away", journal(), Evidence(lost="no answer"), "failed", "the panel was lost: no answer"),
    ("an activity is missing", journal(run=[FAULTS]), GOOD, "invalid", "1 of 2 activities ran"),
    ("only marks", journal(ran("mark_phase", {"phase": "x"})), GOOD, "invalid", "changed nothing"),
    (
        "only probes",
        journal(ran("goodput", 3.0, "brownout.probes", "probe")),
        GOOD,
        "invalid",
        "changed nothing",
    ),
    ("no method", journal(run=[], experiment={"method": []}), GOOD, "invalid", "changed nothing"),
    (
        "faults that half of the replicas have",
        journal(ran("set_faults", {"applied": 1, "of": 2})),
        GOOD,
        "failed",
        "not read back from every replica",
    ),
    (
        "a rollback failed, which the engine doesn't mind",
        journal(rollbacks=[failed("clear_faults", "unreachable")]),
        GOOD,
        "failed",
        'THE ROLLBACK "clear_faults" FAILED: unreachable (else: passed:',
    ),
    ("the rollbacks were skipped", journal(rollbacks=[]), GOOD, "failed", "only 0 of 1 rollbacks ran"),
    (
        "stopped, and a rollback failed",
        journal(status="interrupted", rollbacks=[failed("clear_faults", "unreachable")]),
        Evidence(stopped="SIGTERM"),
        "aborted",
        "FAILED: unreachable",
    ),
    (
        "faults are left",
        journal(),
        Evidence(before=BEFORE, after=AFTER, faults_left="FAULTS ARE STILL THERE"),
        "failed",
        "FAULTS ARE STILL THERE",
    ),
    ("ran dry", journal(experiment={**journal()["experiment"], "dry": "actions"}), GOOD, "invalid", "dry"),
]


@pytest.mark.parametrize(
    ("what", "given", "evidence", "word", "reason"), TABLE, ids=[row[0] for row in TABLE]
)
def test_the_verdict_of(
    what: str, given: dict[str, Any] | None, evidence: Evidence, word: ExperimentWord, reason: str
) -> None:
    verdict = judge(given, evidence)
    assert (verdict.word, reason in verdict.reason) == (word, True), verdict


def test_every_word_has_an_exit_code_of_its_own_and_only_passed_is_0() -> None:
    assert {word: style.exit for word, style in EXPERIMENT.items()} == {
        "passed": 0,
        "invalid": 3,
        "deviated": 4,
        "failed": 5,
        "aborted": 130,
    }
